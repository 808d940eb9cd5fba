"""``python -m service``: what operators do at a terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import NotAuthenticated
from moderation.operations.composition import open_database
from moderation.sites import rows as store
from moderation.sites.audit import rows as audit_entries
from moderation.sites.keys import Scope, digest_of
from moderation.sites.people import accounts
from moderation.sites.people import rows as people
from service.__main__ import main
from service.commands import cli, moderators
from service.context import utc_now
from service.passwords import password_matches
from tests.conftest import free_port

PASSWORD = "correct horse battery"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def migrated(home: Path) -> Database:
    run("migrate")
    return open_database(Settings(gavel_home=home).resolved_database_url)


def run(*arguments: str, input: str | None = None) -> Result:
    result = CliRunner().invoke(cli, arguments, input=input)
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def made(*arguments: str) -> dict[str, str]:
    return dict(json.loads(run(*arguments, "--json").stdout))


def test_help_names_every_command() -> None:
    result = run("--help")

    assert all(name in result.output for name in ("serve", "migrate", "site", "key", "moderator"))


@pytest.mark.parametrize("command", ["status", "migrate", "serve"])
def test_a_database_that_does_not_answer_is_one_clear_line(command: str, home: Path) -> None:
    away = f"postgresql://gavel:pa55w0rd@127.0.0.1:{free_port()}/gavel"

    done = subprocess.run(
        [sys.executable, "-m", "service", command],
        env={**os.environ, "DATABASE_URL": away},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("service: the database does not answer: ")
    assert "Traceback" not in done.stderr and "pa55w0rd" not in done.stderr


def test_a_site_is_made_with_a_key_that_works(migrated: Database) -> None:
    site = made("site", "create", "Daily", "--webhook-url", "https://news.example/hook")

    with migrated.read() as conn:
        key = store.find_key(conn, digest_of(site["api_key"]), utc_now())
    assert key is not None
    assert key.site_id == site["site_id"]
    assert key.scopes == set(Scope) - {Scope.TRUSTED_FLAGGER}
    assert site["webhook_secret"].startswith("whsec_")
    assert "Daily" in run("site", "list").output


def test_the_key_is_shown_once_in_words_too(migrated: Database) -> None:
    first = run("site", "create", "Daily").output

    token = re.search(r"gvl_[\w-]{43}", first)
    assert token is not None
    assert token.group() not in run("key", "list", "Daily").output


def test_a_key_has_the_scopes_that_were_asked_for_until_it_is_revoked(migrated: Database) -> None:
    made("site", "create", "Daily")
    key = made("key", "create", "Daily", "--scopes", "read, post", "--name", "shop window")

    with migrated.read() as conn:
        found = store.find_key(conn, digest_of(key["api_key"]), utc_now())
    run("key", "revoke", key["key_id"])
    with migrated.read() as conn:
        after = store.find_key(conn, digest_of(key["api_key"]), utc_now())

    assert found is not None
    assert found.scopes == {Scope.READ, Scope.POST}
    assert after is None
    assert "revoked" in run("key", "list", "Daily").output


@pytest.mark.parametrize("given", [("--scopes", "read", "--scopes", "post"), ("--scopes", "read,post")])
def test_scopes_can_be_given_in_one_option_or_in_several(migrated: Database, given: tuple[str, ...]) -> None:
    made("site", "create", "Daily")

    key = made("key", "create", "Daily", *given)

    with migrated.read() as conn:
        found = store.find_key(conn, digest_of(key["api_key"]), utc_now())
    assert found is not None
    assert found.scopes == {Scope.READ, Scope.POST}


def test_accounts_are_listed_with_their_roles_of_one_site_or_of_all(migrated: Database) -> None:
    for site in ("Daily", "Weekly"):
        made("site", "create", site)
    for email, site in (("ana@news.example", "Daily"), ("ben@news.example", "Weekly")):
        run("moderator", "create", email, "--site", site, "--password-file", "-", input=PASSWORD)
    run("moderator", "role", "ana@news.example", "--site", "Weekly", "--role", "lead")
    run("moderator", "disable", "ben@news.example")

    everybody, at_daily = run("moderator", "list").output, run("moderator", "list", "--site", "Daily").output

    ana = "ana@news.example  live, without a second factor  moderator at Daily, lead at Weekly  ana\n"
    assert everybody == ana + "ben@news.example  closed  moderator at Weekly  ben\n"
    assert at_daily == ana


def test_a_moderator_is_made_with_a_password_from_a_file(migrated: Database, home: Path) -> None:
    site = made("site", "create", "Daily")
    secret = home / "password"
    secret.write_text(PASSWORD + "\n")

    run("moderator", "create", "Ana@News.example", "--site", "Daily", "--role", "lead", "--password-file", str(secret))

    with migrated.read() as conn:
        ana = store.find_moderator(conn, email="ana@news.example")
    assert ana is not None
    assert ana.roles == {site["site_id"]: "lead"}
    assert ana.password_hash.startswith("$argon2id$")
    assert password_matches(ana.password_hash, PASSWORD)
    assert not password_matches(ana.password_hash, PASSWORD + " ")
    assert not password_matches(None, PASSWORD)
    logged_in = accounts.log_in(
        migrated, email="ana@news.example", password=PASSWORD, address="x", verify=password_matches, now=utc_now()
    )
    assert logged_in.moderator.id == ana.id


def log_in(database: Database, password: str) -> accounts.LoggedIn:
    return accounts.log_in(
        database, email="ana@news.example", password=password, address="-", verify=password_matches, now=utc_now()
    )


def test_who_lost_their_password_and_second_factor_gets_in_again(migrated: Database) -> None:
    site = made("site", "create", "Daily")
    run("moderator", "create", "ana@news.example", "--site", "Daily", "--password-file", "-", input=PASSWORD)
    before = log_in(migrated, PASSWORD)
    with migrated.write() as conn:
        people.set_totp_secret(conn, before.moderator.id, "A" * 32)

    run("moderator", "reset", "ana@news.example", "--password-file", "-", input="another good passphrase")

    assert log_in(migrated, "another good passphrase").moderator.id == before.moderator.id
    with pytest.raises(NotAuthenticated):
        log_in(migrated, PASSWORD)
    with pytest.raises(NotAuthenticated):
        accounts.who_is(migrated, before.token, now=utc_now())
    with migrated.read() as conn:
        noted = audit_entries.entries(conn, site["site_id"], before=None, limit=9)
    assert "account.reset" in [entry.action for entry in noted]


def test_a_disabled_account_is_out_at_once(migrated: Database) -> None:
    made("site", "create", "Daily")
    run("moderator", "create", "ana@news.example", "--site", "Daily", "--password-file", "-", input=PASSWORD)
    before = log_in(migrated, PASSWORD)

    run("moderator", "disable", "ana@news.example")

    with pytest.raises(NotAuthenticated):
        log_in(migrated, PASSWORD)
    with pytest.raises(NotAuthenticated):
        accounts.who_is(migrated, before.token, now=utc_now())


def test_a_moderator_can_work_for_a_second_site(migrated: Database) -> None:
    first, second = made("site", "create", "Daily"), made("site", "create", "Weekly")
    run("moderator", "create", "ben@news.example", "--site", "Daily", "--password-file", "-", input=PASSWORD)

    run("moderator", "role", "ben@news.example", "--site", "Weekly", "--role", "admin")

    with migrated.read() as conn:
        ben = store.find_moderator(conn, email="ben@news.example")
    assert ben is not None
    assert ben.roles == {first["site_id"]: "moderator", second["site_id"]: "admin"}
    assert noted(migrated, second["site_id"]) == [
        ("person.role", "ben@news.example", {"role": None}, {"role": "admin"})
    ]


def test_another_role_is_noted_from_what_to_what(migrated: Database) -> None:
    site = made("site", "create", "Daily")
    run("moderator", "create", "ben@news.example", "--site", "Daily", "--password-file", "-", input=PASSWORD)

    run("moderator", "role", "Ben@news.example", "--site", "Daily", "--role", "lead")

    assert noted(migrated, site["site_id"]) == [
        ("person.role", "ben@news.example", {"role": "moderator"}, {"role": "lead"}),
        ("account.created", "ben@news.example", None, {"role": "moderator"}),
    ]


def noted(database: Database, site_id: str) -> list[tuple[object, ...]]:
    with database.read() as conn:
        entries = audit_entries.entries(conn, site_id, before=None, limit=9)
    about_people = [e for e in entries if e.action.startswith(("person.", "account."))]
    return [(e.action, e.subject, e.before, e.after) for e in about_people]


def test_a_password_is_asked_for_twice(migrated: Database) -> None:
    made("site", "create", "Daily")

    result = run("moderator", "create", "ben@news.example", "--site", "Daily", input=f"{PASSWORD}\n{PASSWORD}\n")

    assert PASSWORD not in result.output
    with migrated.read() as conn:
        assert store.find_moderator(conn, email="ben@news.example") is not None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["site", "create", "Daily"], "there is a site 'Daily' already"),
        (["site", "create", " "], "name: must be"),
        (["site", "create", "Other", "--webhook-url", "ftp://x"], "webhook_url: must be an http or https URL"),
        (["key", "create", "Nowhere"], "no site with id 'Nowhere'"),
        (["key", "create", "Daily", "--scopes", "all"], "'all' is not a valid Scope"),
        (["key", "revoke", "nope"], "no key with id 'nope'"),
        (["key", "revoke", "01a21022-6248-7aa4-98be-b8141b0f4638"], "no key with id"),
        (["moderator", "role", "nobody@news.example", "--site", "Daily", "--role", "lead"], "no moderator with id"),
        (["moderator", "create", "ana", "--site", "Daily", "--password-file", "-"], "is not an e-mail address"),
        (["moderator", "create", "ana@x.example", "--site", "Daily", "--role", "owner"], "'owner' is not one of"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_a_refusal_is_one_sentence(
    migrated: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    made("site", "create", "Daily")
    monkeypatch.setattr(sys, "argv", ["service", *arguments])
    monkeypatch.setattr(moderators, "read_password", lambda _path: PASSWORD)

    code = main()

    told = capsys.readouterr()
    assert code == 2
    assert says in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    ("password", "is_taken"), [("x" * 11, False), ("x" * 12, True), ("x" * 200, True), ("x" * 201, False)]
)
def test_a_password_has_12_to_200_characters(migrated: Database, password: str, is_taken: bool) -> None:
    made("site", "create", "Daily")

    create = ["moderator", "create", "ana@x.example", "--site", "Daily", "--password-file", "-"]
    result = CliRunner().invoke(cli, create, input=password)

    assert (result.exit_code == 0) is is_taken
    with migrated.read() as conn:
        assert (store.find_moderator(conn, email="ana@x.example") is not None) is is_taken


def test_nothing_works_on_a_database_that_was_never_migrated(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service", "serve"], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert "run gavel migrate" in done.stderr
    assert "Traceback" not in done.stderr
