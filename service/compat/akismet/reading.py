"""Reads Akismet's calls: forms in any content type and charset, and a key in the body, the query or the host's name."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from moderation.sites.keys import KEY_PREFIX

MAX_BYTES = 256 * 1024
MAX_TEXT_BYTES = 20_480  # as in the other dialects
MAX_ID_CHARS = 200
MAX_FIELDS = 500  # WordPress sends its server's variables too
KEY_FIELDS = ("api_key", "key")
HOST_PREFIX = KEY_PREFIX.replace("_", "-")  # host names have no underscore
YES = frozenset({"1", "true", "yes", "on"})
UTF_8 = "utf-8"
CHARSETS = re.compile(r"iso8859-\d{1,2}|cp125\d|koi8-[ru]|shift_jis|euc_(jp|kr)|gb(2312|k|18030)|big5")
"""Those of old sites, by Python's names. Other codecs of Python take a time that grows with the square of the text."""

MAX_CHARSET_CHARS = 40

_IN_PERMALINK = re.compile(r"#comment-([A-Za-z0-9_-]{1,200})$")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FORM = "multipart/form-data"


class Incomplete(Exception):
    """A field that the call needs is missing."""

    def __init__(self, field: str) -> None:
        super().__init__(f"Missing required field: {field}.")
        self.field = field


@dataclass(frozen=True, slots=True)
class AkismetComment:
    """One comment as a site describes it. Of its author we read their name, their website, and the
    values that Akismet reserves for tests."""

    text: str
    author: str = ""
    url: str = ""
    email: str = ""
    role: str = ""
    ids: tuple[str, ...] = ()  # under which Gavel may know the comment
    is_test: bool = False
    is_discard_test: bool = False
    trapped: str = ""  # the text of a field that no person sees


def read_fields(request: Request) -> dict[str, str]:
    """The fields of the query and the body; the last one of a name counts. Raises RequestEntityTooLarge and
    BadRequest."""
    fields = dict(request.args.items())
    if request.mimetype == _FORM:
        return fields | dict(request.form.items())
    raw = request.get_data(cache=True).decode("latin-1")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=MAX_FIELDS, encoding="latin-1")
    except ValueError as e:
        raise BadRequest(f"the body has more than {MAX_FIELDS} fields") from e
    charset = next((value for name, value in pairs if name == "blog_charset"), "")
    return fields | {_decoded(name, charset): _decoded(value, charset) for name, value in pairs}


def find_key(fields: Mapping[str, str], host: str) -> str | None:
    """The key in the fields, or in the first label of the host's name, which clients write in small letters.

    It may begin with ``gvl-`` as well: no certificate matches a name with an underscore.
    """
    given = next((fields[name].strip() for name in KEY_FIELDS if fields.get(name)), None)
    if given is None:
        label = host.partition(":")[0].partition(".")[0].lower()
        given = label if label.startswith((KEY_PREFIX, HOST_PREFIX)) else None
    if given is not None and given.startswith(HOST_PREFIX):
        return KEY_PREFIX + given.removeprefix(HOST_PREFIX)
    return given


def read_entry(fields: Mapping[str, str]) -> AkismetComment:
    """The reader's address is not used, so it may be missing. Raises Incomplete, and RequestEntityTooLarge for a long
    text."""
    if not fields.get("blog"):
        raise Incomplete("blog")
    text = _CONTROL.sub(" ", fields.get("comment_content", ""))
    if len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        raise RequestEntityTooLarge
    trap = fields.get("honeypot_field_name", "")
    return AkismetComment(
        text=text,
        author=fields.get("comment_author", "").strip(),
        url=fields.get("comment_author_url", "").strip(),
        email=fields.get("comment_author_email", "").strip(),
        role=fields.get("user_role", "").strip().lower(),
        ids=_ids(fields),
        is_test=_is_yes(fields, "is_test"),
        is_discard_test=_is_yes(fields, "test_discard"),
        trapped=fields.get(trap, "").strip() if trap else "",
    )


def _ids(fields: Mapping[str, str]) -> tuple[str, ...]:
    """WordPress submits the comment's row with its id; others have it at the end of the comment's own address."""
    given = [fields.get(name, "").strip() for name in ("comment_ID", "comment_id")]
    in_link = _IN_PERMALINK.search(fields.get("permalink", ""))
    ids = [*given, in_link.group(1) if in_link else ""]
    return tuple(dict.fromkeys(comment_id for comment_id in ids if 0 < len(comment_id) <= MAX_ID_CHARS))


def _is_yes(fields: Mapping[str, str], name: str) -> bool:
    return fields.get(name, "").strip().lower() in YES


def _decoded(text: str, charset: str) -> str:
    """Bytes that are not in the charset that the site names are read as UTF-8."""
    raw = text.encode("latin-1")
    try:
        known = codecs.lookup(charset.strip()[:MAX_CHARSET_CHARS] or UTF_8).name
        return raw.decode(known if CHARSETS.fullmatch(known) else UTF_8)
    except (LookupError, ValueError):  # UnicodeError is one
        return raw.decode(UTF_8, "replace")
