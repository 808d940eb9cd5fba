"""The protocol against a provider that misbehaves: what is refused, with which words for the log, and how often it is
asked."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from moderation.sites.people.identities import ProvidedPerson
from service.context import utc_now
from service.openid import calling
from service.openid.calling import ProviderCaller
from service.openid.client import OpenId, Registration, Secrets
from service.openid.problems import ProblemKind, ProviderProblem
from tests.clock import Clock
from tests.service.openid.hostile import CLIENT, Hostile, ec_key, public, rsa_key

RETURN = "https://gavel.example/desk/login/callback"
DISCOVERY = "/.well-known/openid-configuration"
NONCE = "the nonce of this login"


@pytest.fixture
def provider() -> Iterator[Hostile]:
    hostile = Hostile()
    hostile.nonce = NONCE
    yield hostile
    hostile.close()


def client(provider: Hostile, *, secret: str = "s", clock: Clock | None = None, deadline_s: float = 5.0) -> OpenId:
    registration = Registration(provider.issuer, CLIENT, secret, "openid email", "groups")
    return OpenId(registration, ProviderCaller(True, deadline_s), clock or time.monotonic)


def person(ours: OpenId, code: str = "c-1") -> ProvidedPerson:
    return ours.person(code, Secrets("state", NONCE, "verifier"), RETURN, now=utc_now())


def refused(ours: OpenId) -> ProviderProblem:
    with pytest.raises(ProviderProblem) as problem:
        person(ours)
    return problem.value


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def claims_of(token: str) -> str:
    return token.split(".")[1]


def test_a_good_token_names_the_person(provider: Hostile) -> None:
    provider.claims = {"groups": ["newsroom", 7, "chiefs"]}

    assert person(client(provider)) == ProvidedPerson(
        provider.issuer, "s-1", "fay@example.org", True, "Fay", frozenset({"newsroom", "chiefs"})
    )


def test_the_way_there_has_state_nonce_and_challenge_and_no_verifier(provider: Hostile) -> None:
    login = Secrets.new()

    address = urlsplit(client(provider).beginning(login, RETURN))

    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert query == {
        "response_type": "code", "client_id": CLIENT, "redirect_uri": RETURN, "scope": "openid email",
        "state": login.state, "nonce": login.nonce, "code_challenge": login.challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    assert len({login.state, login.nonce, login.verifier}) == 3 and min(len(login.state), len(login.nonce)) >= 43


def test_the_challenge_is_that_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    login = Secrets("", "", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    assert login.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


WRONG_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "for another client": ({"aud": "wordpress"}, "is for 'wordpress'"),
    "for several, without saying to whom": ({"aud": [CLIENT, "wordpress"]}, "was given to None"),
    "given to another client": ({"aud": [CLIENT, "wordpress"], "azp": "wordpress"}, "was given to 'wordpress'"),
    "for nobody": ({"aud": None}, "is for None"),
    "by another provider": ({"iss": "https://other.example"}, "is by 'https://other.example'"),
    "of another login": ({"nonce": "another"}, "has the nonce of another login"),
    "without a nonce": ({"nonce": None}, "has the nonce of another login"),
    "about nobody": ({"sub": ""}, "is about ''"),
    "about everybody": ({"sub": "x" * 256}, "is about"),
    "about a list": ({"sub": ["s-1"]}, "is about"),
    "without an end": ({"exp": None}, "lacks the time"),
    "without a beginning": ({"iat": None}, "lacks the time"),
    "with a word as its end": ({"exp": "tomorrow"}, "lacks the time"),
}


@pytest.mark.parametrize("case", WRONG_CLAIMS)
def test_a_token_with_a_wrong_claim_is_refused(provider: Hostile, case: str) -> None:
    provider.claims, words = WRONG_CLAIMS[case]
    if provider.claims.get("sub") == ["s-1"] or provider.claims.get("exp") == "tomorrow":
        header = segment({"alg": "RS256", "kid": "k1"})
        now = int(time.time())
        said = {"iss": provider.issuer, "aud": CLIENT, "nonce": NONCE, "sub": "s-1", "iat": now, "exp": now + 60}
        body = segment({**said, **provider.claims})
        signature = rsa_key("first")
        provider.token = _signed_by_hand(f"{header}.{body}", signature)

    problem = refused(client(provider))

    assert problem.kind is ProblemKind.NOT_FOR_US
    assert words in problem.detail


def _signed_by_hand(text: str, key: Any) -> str:
    algorithm = jwt.get_algorithm_by_name("RS256")
    made = base64.urlsafe_b64encode(algorithm.sign(text.encode(), key)).decode().rstrip("=")
    return f"{text}.{made}"


@pytest.mark.parametrize(
    ("claims", "is_taken"),
    [
        ({"exp": -59}, True),
        ({"exp": -65}, False),
        ({"iat": 55, "exp": 300}, True),
        ({"iat": 70, "exp": 300}, False),
        ({"nbf": 70}, False),
        ({"nbf": 55}, True),
    ],
)
def test_two_clocks_may_differ_by_a_minute(provider: Hostile, claims: dict[str, int], is_taken: bool) -> None:
    provider.claims = {name: int(time.time()) + seconds for name, seconds in claims.items()}

    if is_taken:
        assert person(client(provider)).subject == "s-1"
    else:
        assert refused(client(provider)).kind is ProblemKind.CLOCK


def test_no_token_without_a_signature_by_the_providers_key_is_taken(provider: Hostile) -> None:
    good = provider.signed()
    header, body, signature = good.split(".")
    by_another = jwt.encode(
        jwt.decode(good, options={"verify_signature": False}), rsa_key("other"), "RS256", {"kid": "k1"}
    )
    by_a_known_secret = _hs256(body, json.dumps(provider.keys[0]).encode())
    by_the_client_secret = _hs256(body, b"s")
    changed = segment({**jwt.decode(good, options={"verify_signature": False}), "sub": "s-2"})
    for token in (
        f"{segment({'alg': 'none'})}.{body}.",
        f"{segment({'alg': 'nOnE', 'kid': 'k1'})}.{body}.",
        f"{segment({'alg': 'none', 'kid': 'k1'})}.{body}.{signature}",
        f"{header}.{body}.",
        f"{header}.{changed}.{signature}",
        by_another,
        by_a_known_secret,
        by_the_client_secret,
    ):
        provider.token = token
        problem = refused(client(provider))
        assert problem.kind is ProblemKind.NOT_FOR_US, token
        assert body not in problem.detail


def _hs256(body: str, secret: bytes) -> str:
    import hmac

    text = f"{segment({'alg': 'HS256', 'kid': 'k1'})}.{body}"
    made = hmac.digest(secret, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 200_000, 7, None, {"a": 1}, "e30.e30.e30.e30.e30"])
def test_a_thing_that_is_no_token_is_refused(provider: Hostile, token: Any) -> None:
    provider.answers["/token"] = (200, json.dumps({"access_token": "at", "id_token": token}).encode())

    assert refused(client(provider)).kind in (ProblemKind.GARBLED, ProblemKind.NOT_FOR_US)


def test_keys_of_elliptic_curves_are_keys_too(provider: Hostile) -> None:
    provider.keys.append(public(ec_key(), "e1"))
    provider.signing, provider.kid, provider.algorithm = ec_key(), "e1", "ES256"  # type: ignore[assignment]

    assert person(client(provider)).subject == "s-1"


def test_an_algorithm_that_the_provider_did_not_announce_is_refused(provider: Hostile) -> None:
    provider.about = {"id_token_signing_alg_values_supported": ["ES256"]}

    assert "'RS256'" in refused(client(provider)).detail


@pytest.mark.parametrize("change", [{"use": "enc"}, {"alg": "RS512"}, {"kty": "EC"}])
def test_a_key_for_something_else_is_no_key(provider: Hostile, change: dict[str, str]) -> None:
    provider.keys = [{**provider.keys[0], **change}]

    assert "a key that it has not: 'k1'" in refused(client(provider)).detail


def test_a_short_key_is_refused(provider: Hostile) -> None:
    provider.signing = rsa_key("short", 1024)
    provider.keys = [public(provider.signing, "k1")]

    assert refused(client(provider)).kind is ProblemKind.NOT_FOR_US


def test_a_token_that_names_no_key_has_one_where_there_is_only_one(provider: Hostile) -> None:
    provider.kid = ""
    assert person(client(provider)).subject == "s-1"

    provider.keys.append(public(rsa_key("other"), "k2"))

    assert "a key that it has not: None" in refused(client(provider)).detail


def test_new_keys_are_found_and_unknown_ones_asked_for_no_more_than_every_five_seconds(provider: Hostile) -> None:
    clock = Clock()
    ours = client(provider, clock=clock)
    assert person(ours).subject == "s-1"
    provider.signing, provider.kid = rsa_key("other"), "k2"
    provider.keys = [public(rsa_key("other"), "k2")]

    clock.moment += 6
    assert person(ours).subject == "s-1"
    assert provider.paths().count("/keys") == 2

    provider.kid = "k3"
    for _ in range(5):
        assert refused(ours).kind is ProblemKind.NOT_FOR_US
    assert provider.paths().count("/keys") == 2
    assert provider.paths().count(DISCOVERY) == 1

    clock.moment += 3601
    provider.kid = "k2"
    assert person(ours).subject == "s-1"
    assert provider.paths().count(DISCOVERY) == 2


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(10 * 1024):
        handler.wfile.write(b" " * 1024)


def a_byte_a_second(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "100")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.2)


ANSWERS = {
    "down": ((503, b"{}"), ProblemKind.AWAY),
    "asks for patience": ((429, b"{}"), ProblemKind.AWAY),
    "a page": ((200, b"<html>"), ProblemKind.GARBLED),
    "nothing": ((200, b""), ProblemKind.GARBLED),
    "a list": ((200, b"[]"), ProblemKind.GARBLED),
    "deep": ((200, b"[" * 200_000), ProblemKind.GARBLED),
    "ten megabytes": (endless, ProblemKind.GARBLED),
    "slow": (a_byte_a_second, ProblemKind.AWAY),
}


@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token"])
@pytest.mark.parametrize("case", ANSWERS)
def test_a_provider_that_is_down_slow_or_mad_is_no_more_than_a_problem(provider: Hostile, path: str, case: str) -> None:
    answer, kind = ANSWERS[case]
    provider.answers[path] = answer  # type: ignore[assignment]
    began = time.monotonic()

    problem = refused(client(provider, deadline_s=1.0))

    assert problem.kind is kind, problem
    assert time.monotonic() - began < 5


def test_a_provider_that_is_away_is_a_problem(provider: Hostile) -> None:
    provider.close()

    assert refused(client(provider)).kind is ProblemKind.AWAY


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"issuer": "https://other.example"}, "calls itself 'https://other.example': set OIDC_ISSUER to that"),
        ({"issuer": "https://login.example/{tenantid}/v2.0"}, "set OIDC_ISSUER"),
        ({"token_endpoint": None}, "its token_endpoint is None"),
        ({"token_endpoint": "file:///etc/passwd"}, "its token_endpoint is 'file:///etc/passwd'"),
        ({"jwks_uri": ["https://a.example"]}, "its jwks_uri is"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "its authorization_endpoint is"),
        ({"end_session_endpoint": "//evil.example"}, "its end_session_endpoint is"),
        ({"authorization_endpoint": "https://a@evil.example/"}, "its authorization_endpoint is"),
    ],
)
def test_a_description_that_cannot_be_right_is_refused(provider: Hostile, about: dict[str, Any], words: str) -> None:
    provider.about = about

    assert words in refused(client(provider)).detail


def test_no_private_address_and_no_plain_http_is_called_unless_it_is_allowed(provider: Hostile) -> None:
    registration = Registration(provider.issuer, CLIENT, "s", "openid", "groups")
    assert "is not an https address" in refused(OpenId(registration, ProviderCaller(False))).detail

    private = Registration(provider.issuer.replace("http:", "https:"), CLIENT, "s", "openid", "groups")
    assert "Gavel does not call 127.0.0.1" in refused(OpenId(private, ProviderCaller(False))).detail
    assert provider.calls == []


def test_the_secret_goes_in_the_header_or_in_the_form_as_the_provider_says(provider: Hostile) -> None:
    person(client(provider, secret="a b:c"))
    _path, headers, form = provider.calls[-2]
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode() == "gavel:a+b%3Ac"
    assert form["code_verifier"] == "verifier" and "client_secret" not in form

    provider.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    person(client(provider, secret="a b:c"))
    _path, headers, form = provider.calls[-2]
    assert "authorization" not in headers and form["client_secret"] == "a b:c"

    person(client(provider, secret=""))
    _path, headers, form = provider.calls[-2]
    assert "authorization" not in headers and "client_secret" not in form and form["client_id"] == CLIENT


@pytest.mark.parametrize(
    ("error", "kind"),
    [("invalid_grant", ProblemKind.REFUSED), ("invalid_client", ProblemKind.SET_UP), ("<b>", ProblemKind.REFUSED)],
)
def test_a_refused_code_or_client_is_a_problem(provider: Hostile, error: str, kind: ProblemKind) -> None:
    provider.answers["/token"] = (400, json.dumps({"error": error, "error_description": "s-e-c-r-e-t"}).encode())

    problem = refused(client(provider))

    assert problem.kind is kind
    assert "s-e-c-r-e-t" not in str(problem)


def test_claims_that_the_token_lacks_come_from_the_userinfo_endpoint_of_the_same_person(provider: Hostile) -> None:
    provider.claims = {"email": None, "email_verified": None}
    provider.userinfo = {"sub": "s-1", "email": "fay@example.org", "email_verified": True, "groups": ["newsroom"]}

    fay = person(client(provider))

    assert (fay.email, fay.has_verified_email, fay.groups) == ("fay@example.org", True, frozenset({"newsroom"}))
    assert provider.calls[-1][1]["authorization"] == "Bearer at-1"

    provider.userinfo["sub"] = "s-2"
    assert refused(client(provider)).kind is ProblemKind.NOT_FOR_US


def test_one_address_is_never_verified_by_what_is_said_of_another(provider: Hostile) -> None:
    provider.claims = {"email": "ana@example.org", "email_verified": None}
    provider.userinfo = {"sub": "s-1", "email": "mallory@example.org", "email_verified": True, "groups": []}
    first = person(client(provider))
    assert (first.email, first.has_verified_email) == ("ana@example.org", False)

    provider.claims = {"email": None, "email_verified": True}
    provider.userinfo = {"sub": "s-1", "email": "ana@example.org", "groups": []}
    second = person(client(provider))
    assert (second.email, second.has_verified_email) == ("ana@example.org", False)


@pytest.mark.parametrize(
    ("value", "is_verified"), [(True, True), ("true", True), (1, False), ("yes", False), (None, False)]
)
def test_an_address_is_verified_only_where_the_provider_says_so(
    provider: Hostile, value: Any, is_verified: bool
) -> None:
    provider.claims = {"email_verified": value}

    assert person(client(provider)).has_verified_email is is_verified


def test_groups_may_be_below_a_name_one_word_or_held_back(provider: Hostile) -> None:
    registration = Registration(provider.issuer, CLIENT, "s", "openid", "realm_access.roles")
    ours = OpenId(registration, ProviderCaller(True))
    provider.claims = {"realm_access": {"roles": ["chiefs"]}}
    assert person(ours).groups == frozenset({"chiefs"})

    provider.claims = {"groups": "daily.example"}
    assert person(client(provider)).groups == frozenset({"daily.example"})

    provider.claims = {"_claim_names": {"groups": "src1"}}
    assert refused(client(provider)).kind is ProblemKind.TOO_MANY_GROUPS


def test_the_answer_of_another_provider_is_a_mix_up(provider: Hostile) -> None:
    ours = client(provider)
    ours.check_answer(provider.issuer, None)
    ours.check_answer(None, None)
    with pytest.raises(ProviderProblem):
        ours.check_answer("https://evil.example", None)

    provider.about = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(ProviderProblem):
        client(provider).check_answer(None, None)


def test_few_threads_wait_for_a_provider_at_once(provider: Hostile) -> None:
    caller = ProviderCaller(True)
    for _ in range(calling.AT_ONCE):
        caller.places.acquire()
    ours = OpenId(Registration(provider.issuer, CLIENT, "s", "openid", "groups"), caller)

    assert refused(ours).kind is ProblemKind.BUSY
    caller.places.release()
    assert person(ours).subject == "s-1"


def test_a_login_of_yesterday_is_over(provider: Hostile) -> None:
    ours = client(provider)

    with pytest.raises(ProviderProblem) as problem:
        ours.person("c", Secrets("state", NONCE, "v"), RETURN, now=utc_now() + timedelta(days=1))

    assert problem.value.kind is ProblemKind.CLOCK
