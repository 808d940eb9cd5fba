"""``gavel login``: what is wrong with a provider's set-up, in words, and accounts connected by an operator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import GavelError
from moderation.operations.composition import open_database
from moderation.sites.people import identities
from moderation.sites.people.identities import ProvidedPerson
from service.commands import cli
from service.context import utc_now
from tests.service.openid.hostile import Hostile


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hostile]:
    hostile = Hostile()
    hostile.answers["/token"] = (400, b'{"error": "invalid_grant"}')
    settings = {
        "GAVEL_HOME": str(tmp_path), "PUBLIC_URL": "https://gavel.example", "OIDC_ISSUER": hostile.issuer,
        "OIDC_CLIENT_ID": "gavel", "OIDC_CLIENT_SECRET": "s", "OIDC_ALLOW_PRIVATE": "yes",
        "OIDC_ROLES": "newsroom=lead@The Herald",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield hostile
    hostile.close()


@pytest.fixture
def database(provider: Hostile, tmp_path: Path) -> Database:
    run("migrate")
    run("site", "create", "The Herald")
    run("moderator", "create", "ana@example.org", "--site", "The Herald", "--password-file", "-")
    return open_database(Settings(gavel_home=tmp_path).resolved_database_url)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, arguments, input="correct horse battery")
    if isinstance(result.exception, GavelError):
        return 1, str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_good_set_up_is_said_to_be_one_with_the_addresses_to_enter(database: Database, provider: Hostile) -> None:
    code, output = run("login", "check")

    assert code == 0, output
    assert output.splitlines() == [
        f"provider: {provider.issuer}",
        "keys: 1",
        "client id and secret: accepted",
        "redirect address to enter there: https://gavel.example/desk/login/callback",
        "address after log-out to enter there: https://gavel.example/desk/login",
        "people can log in",
    ]


def test_each_mistake_has_its_line(database: Database, provider: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ROLES", "newsroom=lead@The Harald; x=admin@*")
    monkeypatch.setenv("PUBLIC_URL", "http://gavel.example")
    provider.about = {"id_token_signing_alg_values_supported": ["HS256"]}
    provider.answers["/token"] = (401, b'{"error": "invalid_client"}')

    code, output = run("login", "check")

    assert code == 1
    for line in (
        "wrong: it signs by HS256 only; Gavel needs a public key",
        "wrong: it does not know OIDC_CLIENT_ID, or OIDC_CLIENT_SECRET is wrong",
        "wrong: PUBLIC_URL must begin with https://, or browsers keep no login",
        "wrong: OIDC_ROLES names 'The Harald', and no site has this name",
        "4 to mend",
    ):
        assert line in output.splitlines(), output


@pytest.mark.parametrize("date", ["Thu, 01 Jan 2026 12:00:00 GMT", "Fri, 01 Jan 2100 12:00:00 GMT"])
def test_a_clock_that_is_off_is_said(database: Database, provider: Hostile, date: str) -> None:
    body = json.dumps(provider._usual("/.well-known/openid-configuration")).encode()

    def dated(handler: object) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nDate: " + date.encode() + b"\r\n\r\n" + body)  # type: ignore[attr-defined]

    provider.answers["/.well-known/openid-configuration"] = dated

    code, output = run("login", "check")

    assert code == 1
    assert "wrong: the clock here is" in output


def test_a_provider_that_is_away_or_calls_itself_otherwise_is_said(database: Database, provider: Hostile) -> None:
    provider.about = {"issuer": f"{provider.issuer}/"}
    assert f"calls itself '{provider.issuer}/': set OIDC_ISSUER to that" in run("login", "check")[1]

    provider.close()
    assert "the provider: the connection failed" in run("login", "check")[1]


def test_without_a_provider_the_commands_say_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OIDC_ISSUER")

    for arguments in (("check",), ("link", "ana@example.org", "s-1"), ("unlink", "ana@example.org")):
        code, output = run("login", *arguments)
        assert code == 1 and "OIDC_ISSUER is not set" in output


def test_an_operator_connects_an_account_and_ends_it(database: Database, provider: Hostile) -> None:
    person = ProvidedPerson(provider.issuer, "s-1", "", False, "", frozenset())

    assert run("login", "link", "ana@example.org", "s-1") == (
        0,
        f"ana@example.org logs in as s-1 at {provider.issuer}\n",
    )
    assert identities.enter(database, person, (), now=utc_now()).email == "ana@example.org"
    assert run("login", "unlink", "ana@example.org")[1] == "ana@example.org is no longer connected\n"
    assert run("login", "unlink", "ana@example.org")[1] == "ana@example.org was not connected\n"
    assert run("login", "link", "nobody@example.org", "s-1")[0] == 1
    for subject in ("", "x" * 256, "a\nb"):
        assert "subject: must be 1 to 255 printable characters" in run("login", "link", "ana@example.org", subject)[1]
