"""The calls that Akismet's clients make, for ``gavel compat check``. Each is a test, as Akismet's ``is_test`` has it,
so that nothing is counted or kept."""

from __future__ import annotations

from urllib.parse import urlencode

from moderation.sites.keys import KEY_PREFIX
from service.compat.akismet.judging import ALWAYS_SPAM_EMAIL, NEVER_SPAM_ROLE
from service.compat.akismet.reading import HOST_PREFIX
from service.compat.akismet.wording import HELP, INVALID, THANKS, VALID
from service.compat.probing import Probe, ProbeClient, ProbeFailed, Reply

BLOG = "https://news.example"
KIND = "Thank you, that helped me."
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _post(caller: ProbeClient, call: str, *, host: str | None = None, **fields: str) -> Reply:
    """Without ``host`` the key is in the body, as ``api_key`` unless the fields have one."""
    said = {"blog": BLOG, "user_ip": "192.0.2.7", "is_test": "1", **({} if host else {"api_key": caller.key}), **fields}
    headers = {**FORM, "Host": host} if host else FORM
    return caller.send("POST", f"/1.1/{call}", urlencode(said), headers=headers).expect(200)


def _expect(reply: Reply, body: str, *, help_text: bool = False) -> None:
    if reply.text != body or (HELP.lower() in reply.headers) is not help_text:
        raise ProbeFailed(f"the answer is {reply.text[:200]!r} instead of {body!r}: {reply.headers.get(HELP.lower())}")


def _keys(caller: ProbeClient) -> str:
    _expect(_post(caller, "verify-key", key=caller.key), VALID)
    _expect(_post(caller, "verify-key", api_key="wrong"), INVALID, help_text=True)
    return "the key is valid, and a wrong one is not"


def _guaranteed(caller: ProbeClient) -> str:
    _expect(_post(caller, "comment-check", comment_content=KIND, comment_author_email=ALWAYS_SPAM_EMAIL), "true")
    _expect(_post(caller, "comment-check", comment_content=KIND, user_role=NEVER_SPAM_ROLE), "false")
    return "Akismet's test values have their answers"


def _text(caller: ProbeClient) -> str:
    _expect(_post(caller, "comment-check", comment_content=KIND), "false")
    return "thanks are not spam"


def _host(caller: ProbeClient) -> str:
    if caller.key != caller.key.lower():
        raise ProbeFailed("the key has capitals, and a host's name has none: gavel key rotate makes another")
    label = caller.key.replace(KEY_PREFIX, HOST_PREFIX, 1)
    _expect(_post(caller, "comment-check", host=f"{label}.rest.akismet.com", comment_content=KIND), "false")
    return f"{HOST_PREFIX}….rest.akismet.com"


def _submissions(caller: ProbeClient) -> str:
    for call in ("submit-spam", "submit-ham"):
        _expect(_post(caller, call, comment_content=KIND), THANKS)
    return "spam and ham"


def _usage(caller: ProbeClient) -> str:
    answer = caller.send("GET", "/1.2/usage-limit", api_key=caller.key).expect(200).json()
    return f"{answer['usage']} checks this month"


PROBES = (
    Probe("keys", _keys),
    Probe("test values", _guaranteed),
    Probe("a text", _text),
    Probe("key in the host's name", _host),
    Probe("submissions", _submissions),
    Probe("usage", _usage),
)
