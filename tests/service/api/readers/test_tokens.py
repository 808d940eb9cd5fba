"""A token is taken only as its site's server signed it, and each fault is named."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.errors import InvalidInput, NotFound, ReaderTokenRefused
from moderation.operations.all_tables import metadata
from moderation.sites import reader_secret_rows as store
from moderation.sites import reader_secrets
from moderation.sites.reader_secrets import NewReaderSecret
from moderation.sites.sites import NewSite
from service.api.readers import tokens
from service.api.readers.tokens import CACHE_S, Secrets
from service.context import utc_now
from tests.builders import NOON, OPERATOR
from tests.clock import Clock
from tests.service.api.readers.conftest import ORIGIN, Sign
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is, but for the secrets' own tests below."""
    return sqlite_database


def refused(client: FlaskClient, token: str) -> tuple[str, list[str]]:
    """The kind of the refusal, and the parts of the token that it names."""
    answer = Caller(client, token).get("/v1/reader")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    problem: Any = answer.json
    return problem["type"].removeprefix("urn:gavel:problem:"), problem_fields(problem)


def ago(seconds: float) -> Any:
    return utc_now() - timedelta(seconds=seconds)


def test_a_signed_reader_is_known_by_id_and_name(dana: Caller) -> None:
    found: Any = dana.get("/v1/reader").json

    assert (found["id"], found["name"], found["staff"], found["may_comment"]) == ("dana", "Dana", False, True)
    assert (found["until"], found["message"], found["edit_minutes"]) == (None, None, 15)


@pytest.mark.parametrize("late_s", [-30, 30])
def test_clocks_may_differ_by_a_minute(client: FlaskClient, sign: Sign, late_s: int) -> None:
    token = sign(exp=ago(late_s), iat=ago(late_s), nbf=ago(late_s))

    assert Caller(client, token).get("/v1/reader").status_code == 200


def test_an_expired_token_has_an_error_of_its_own(client: FlaskClient, sign: Sign) -> None:
    assert refused(client, sign(exp=ago(90))) == ("reader-token-expired", ["token.exp"])


@pytest.mark.parametrize(
    ("claims", "field"),
    [
        ({"exp": None}, "token.exp"),
        ({"exp": "soon"}, "token.exp"),
        ({"exp": 10**20}, "token.exp"),
        ({"iat": 4_000_000_000}, "token.iat"),
        ({"nbf": 4_000_000_000}, "token.nbf"),
        ({"aud": None}, "token.aud"),
        ({"aud": "01890a5d-ac96-774b-bcce-b302099a8057"}, "token.aud"),
        ({"aud": 7}, "token.aud"),
        ({"sub": None}, "token.sub"),
        ({"sub": ""}, "token.sub"),
        ({"sub": "a\u0000b"}, "token.sub"),
        ({"sub": "x" * 201}, "token.sub"),
        ({"name": "two\nlines"}, "token.name"),
        ({"created_at": "yesterday"}, "token.created_at"),
        ({"email_domain": "dana@example.org"}, "token.email_domain"),
        ({"staff": "yes"}, "token.staff"),
        ({"user": {"email": "dana@example.org"}}, "token.user.id"),
        ({"user": "dana"}, "token.user"),
    ],
)
def test_a_claim_that_is_wrong_is_named(client: FlaskClient, sign: Sign, claims: dict[str, Any], field: str) -> None:
    assert refused(client, sign(**claims)) == ("reader-token-refused", [field])


@pytest.mark.parametrize(("days", "status"), [(29.9, 200), (30, 200), (30.1, 401), (3650, 401)])
def test_a_token_lives_for_thirty_days_at_most(client: FlaskClient, sign: Sign, days: float, status: int) -> None:
    token = sign(exp=ago(-days * 86_400))

    assert Caller(client, token).get("/v1/reader").status_code == status
    if status == 401:
        assert refused(client, token) == ("reader-token-refused", ["token.exp"])


@pytest.mark.parametrize("number", [0, 7, 2**63, 10**199])
@pytest.mark.parametrize("form", ["ours", "Coral's"])
def test_a_readers_number_is_taken_as_text(
    client: FlaskClient, sign: Sign, secret: NewReaderSecret, number: int, form: str
) -> None:
    claims = jwt.decode(sign(), options={"verify_signature": False})
    said = {"sub": number} if form == "ours" else {"sub": None, "user": {"id": number, "username": "Dana"}}

    answer = Caller(client, signed_by_hand({**claims, **said}, secret)).get("/v1/reader")

    assert (answer.status_code, (answer.json or {})["id"]) == (200, str(number))


@pytest.mark.parametrize("subject", [True, -7, 7.5, 10**200, [7], {"id": 7}])
def test_a_subject_that_is_neither_text_nor_number_is_refused(
    client: FlaskClient, sign: Sign, secret: NewReaderSecret, subject: object
) -> None:
    claims = jwt.decode(sign(), options={"verify_signature": False})

    assert refused(client, signed_by_hand({**claims, "sub": subject}, secret)) == (
        "reader-token-refused",
        ["token.sub"],
    )


def signed_by_hand(claims: Any, secret: NewReaderSecret, **header: Any) -> str:
    """As the library would refuse to sign it."""
    signing = jwt.PyJWS()
    return signing.encode(json.dumps(claims).encode(), secret.secret, "HS256", {"kid": secret.id, **header})


def unsigned(header: Any, claims: Any, signature: str = "") -> str:
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), signature])


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, "RS256", "ES256", "HS384"])
def test_another_algorithm_is_refused(client: FlaskClient, sign: Sign, secret: NewReaderSecret, algorithm: Any) -> None:
    claims = jwt.decode(sign(), options={"verify_signature": False})
    of_another = sign().rpartition(".")[2]

    for signature in ("", of_another):
        token = unsigned({"alg": algorithm, "kid": secret.id, "typ": "JWT"}, claims, signature)
        kind, (field,) = refused(client, token)
        assert (kind, field) in {("reader-token-refused", "token.alg"), ("reader-token-refused", "token.form")}


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_a_good_secret_with_a_swapped_algorithm_is_refused(client: FlaskClient, sign: Sign, algorithm: str) -> None:
    assert refused(client, sign(algorithm=algorithm)) == ("reader-token-refused", ["token.alg"])


def test_a_changed_claim_breaks_the_signature(client: FlaskClient, sign: Sign) -> None:
    header, _claims, signature = sign().split(".")
    other = sign(sub="eve").split(".")[1]

    assert refused(client, f"{header}.{other}.{signature}") == ("reader-token-refused", ["token.signature"])


def test_a_guessed_secret_is_refused(client: FlaskClient, sign: Sign) -> None:
    assert refused(client, sign(key="gvr_" + "a" * 52)) == ("reader-token-refused", ["token.signature"])


@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "a.b", "....", "é.é.é", "x" * 8_001, unsigned(["alg"], {}), unsigned({"alg": "HS256"}, ["sub"])],
)
def test_what_is_no_token_is_refused(client: FlaskClient, site: NewSite, token: str) -> None:
    kind, (field,) = refused(client, token)

    assert (kind, field in ("token.form", "token.size")) == ("reader-token-refused", True)


def test_a_token_that_is_nested_without_end_is_refused(client: FlaskClient, site: NewSite) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 5_000).rstrip(b"=").decode()
    header = base64.urlsafe_b64encode(b'{"alg": "HS256"}').rstrip(b"=").decode()

    assert refused(client, f"{header}.{deep}.x") == ("reader-token-refused", ["token.form"])


@pytest.mark.parametrize("kid", ["nobody", "01890a5d-ac96-774b-bcce-b302099a8057"])
def test_a_secret_that_nobody_has_is_named(client: FlaskClient, sign: Sign, kid: str) -> None:
    assert refused(client, sign(kid=kid)) == ("reader-token-refused", ["token.kid"])


def test_without_kid_the_audience_names_the_site(client: FlaskClient, sign: Sign, site: NewSite) -> None:
    listed = sign(kid=None, aud=["another", site.site.id])

    assert Caller(client, sign(kid=None)).get("/v1/reader").status_code == 200
    assert Caller(client, listed).get("/v1/reader").status_code == 200
    assert refused(client, sign(kid=None, aud=None)) == ("reader-token-refused", ["token.kid"])
    assert refused(client, sign(kid=None, aud="Site A")) == ("reader-token-refused", ["token.kid"])


def test_another_sites_token_opens_nothing_here(
    client: FlaskClient, sign: Sign, database: Database, site: NewSite, other_site: NewSite
) -> None:
    theirs = reader_secrets.create(database, other_site.site.id, by=OPERATOR, now=utc_now())

    claims_to_be_ours = sign(key=theirs.secret, kid=theirs.id)
    with_our_kid = sign(key=theirs.secret)
    own: Any = Caller(client, sign(key=theirs.secret, kid=theirs.id, aud=other_site.site.id))

    assert refused(client, claims_to_be_ours) == ("reader-token-refused", ["token.aud"])
    assert refused(client, with_our_kid) == ("reader-token-refused", ["token.signature"])
    assert own.get("/v1/reader").status_code == 200
    assert own.get("/v1/reader", headers={"Origin": ORIGIN}).status_code == 403


def test_two_secrets_are_valid_while_one_replaces_the_other(
    client: FlaskClient, sign: Sign, database: Database, secret: NewReaderSecret
) -> None:
    made = reader_secrets.rotate(database, secret.id, overlap=timedelta(hours=1), by=OPERATOR, now=utc_now())

    for token in (sign(), sign(kid=None), sign(key=made.secret, kid=made.id), sign(key=made.secret, kid=None)):
        assert Caller(client, token).get("/v1/reader").status_code == 200


def test_a_token_of_a_revoked_or_replaced_secret_is_refused(
    client: FlaskClient, sign: Sign, database: Database, secret: NewReaderSecret
) -> None:
    made = reader_secrets.rotate(database, secret.id, overlap=timedelta(0), by=OPERATOR, now=utc_now())
    reader_secrets.revoke(database, made.id, by=OPERATOR, now=utc_now())

    assert refused(client, sign()) == ("reader-token-refused", ["token.kid"])
    assert refused(client, sign(key=made.secret, kid=made.id)) == ("reader-token-refused", ["token.kid"])
    assert refused(client, sign(kid=None)) == ("reader-token-refused", ["token.signature"])


def test_a_revoked_secret_ends_within_the_cache_time(database: Database, sign: Sign, secret: NewReaderSecret) -> None:
    clock = Clock()
    known = Secrets(database, clock)
    tokens.read(sign(), known, now=utc_now())
    reader_secrets.revoke(database, secret.id, by=OPERATOR, now=utc_now())

    clock.moment += CACHE_S - 0.01
    still = tokens.read(sign(), known, now=utc_now())
    clock.moment += 0.01

    assert still.id == "dana"
    with pytest.raises(ReaderTokenRefused, match="kid"):
        tokens.read(sign(), known, now=utc_now())


def test_an_expired_secret_is_refused_though_it_is_remembered(
    database: Database, sign: Sign, secret: NewReaderSecret
) -> None:
    known, now = Secrets(database, Clock()), utc_now()
    tokens.read(sign(), known, now=now)
    reader_secrets.rotate(database, secret.id, overlap=timedelta(hours=1), by=OPERATOR, now=now)
    fresh = Secrets(database, Clock())
    tokens.read(sign(), fresh, now=now)

    with pytest.raises(ReaderTokenRefused, match="kid"):
        tokens.read(sign(), fresh, now=now + timedelta(hours=1))


@pytest.mark.parametrize("audience", ["ours", None])
def test_corals_form_is_understood(client: FlaskClient, sign: Sign, site: NewSite, audience: str | None) -> None:
    user = {"id": "628bdc61", "email": "Bob@Mail.Example.ORG", "username": "bob", "role": "MODERATOR"}
    token = sign(sub=None, name=None, user=user, jti="151c19fc", aud=site.site.id if audience else None)

    found: Any = Caller(client, token).get("/v1/reader").json

    assert (found["id"], found["name"], found["staff"]) == ("628bdc61", "bob", True)


@pytest.mark.parametrize("email", ["bob", "", "bob@", "@", "bob@local host", None])
def test_an_address_that_is_none_keeps_nobody_out(client: FlaskClient, sign: Sign, email: str | None) -> None:
    token = sign(sub=None, user={"id": "bob", "email": email})

    assert Caller(client, token).get("/v1/reader").status_code == 200


def test_of_an_address_only_the_domain_is_stored(
    client: FlaskClient, sign: Sign, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    token = sign(sub=None, user={"id": "bob", "email": "bob.secret@mail.example.org", "username": "bob"})

    sent = Caller(client, token).post("/v1/reader/comments", {"article_id": "a-1", "text": "At last."})

    assert sent.status_code == 202
    with database.read() as conn:
        stored = "".join(str(conn.execute(table.select()).all()) for table in metadata.sorted_tables)
    assert "mail.example.org" in stored
    assert "bob.secret" not in stored + sent.text + caplog.text


def test_no_part_of_a_token_is_in_the_answer_or_the_log(
    client: FlaskClient, sign: Sign, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    answer = Caller(client, sign(user={"email": "bob.secret@example.org"})).get("/v1/reader")

    assert answer.status_code == 401
    assert "bob.secret" not in answer.text + caplog.text


class TestSecrets:
    """Of both databases."""

    @pytest.fixture(params=["sqlite", "postgres"])
    def database(self, request: pytest.FixtureRequest) -> Database:
        found: Database = request.getfixturevalue(f"{request.param}_database")
        return found

    def test_two_are_valid_at_most(self, database: Database, site: NewSite) -> None:
        first, _second = (reader_secrets.create(database, site.site.id, by=OPERATOR, now=NOON) for _ in range(2))

        with pytest.raises(InvalidInput, match="has 2 valid reader secrets already"):
            reader_secrets.create(database, site.site.id, by=OPERATOR, now=NOON)
        with pytest.raises(InvalidInput):
            reader_secrets.rotate(database, first.id, overlap=timedelta(hours=1), by=OPERATOR, now=NOON)

        with database.read() as conn:
            assert [each.expires_at for each in store.of_site(conn, site.site.id)] == [None, None]
        reader_secrets.revoke(database, first.id, by=OPERATOR, now=NOON)
        reader_secrets.create(database, site.site.id, by=OPERATOR, now=NOON)

    def test_one_that_has_ended_is_not_rotated(self, database: Database, site: NewSite) -> None:
        made = reader_secrets.create(database, site.site.id, by=OPERATOR, now=NOON)
        reader_secrets.revoke(database, made.id, by=OPERATOR, now=NOON)

        for secret_id in (made.id, "nobody", "01890a5d-ac96-774b-bcce-b302099a8057"):
            with pytest.raises(NotFound):
                reader_secrets.rotate(database, secret_id, overlap=timedelta(0), by=OPERATOR, now=NOON)

    def test_a_secret_is_in_no_list_and_no_trail(self, database: Database, site: NewSite) -> None:
        made = reader_secrets.create(database, site.site.id, by=OPERATOR, now=NOON)

        with database.read() as conn:
            (kept,) = store.of_site(conn, site.site.id)
            trail = str(conn.execute(metadata.tables["audit"].select()).all())

        assert kept.secret == made.secret
        assert made.secret not in repr(kept) + repr(made) + trail
        assert made.id in trail
