"""Headers of every answer, keys that are rotated, secrets that are refused, and the page that lists the threats."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import NotFound, SettingsError
from moderation.ground.jobs.jobs import Queues
from moderation.sites import keys
from moderation.sites import rows as store
from moderation.sites.sites import NewSite
from service.app import create_app
from service.commands import cli
from service.context import utc_now
from service.web import headers
from tests.builders import OPERATOR
from tests.service.conftest import Caller

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "path", ["/healthz", "/metrics", "/v1/policy", "/openapi.json", "/docs", "/desk/login", "/none"]
)
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    for name in headers.HEADERS:
        assert answer.headers[name], name
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"] or path == "/docs"
    assert "Strict-Transport-Security" not in answer.headers


def test_no_view_and_no_hook_is_a_coroutine(app: OpenAPI) -> None:
    """The application does not look, and would answer with a coroutine that nobody runs."""
    kinds = (app.before_request_funcs, app.after_request_funcs)
    hooks = [hook for kind in kinds for found in kind.values() for hook in found]

    called = [*app.view_functions.values(), *hooks]

    assert len(called) > 100
    assert not [one for one in called if inspect.iscoroutinefunction(inspect.unwrap(one))]


def test_https_is_asked_for_where_the_service_is_reached_so(
    settings: Settings, database: Database, queues: Queues
) -> None:
    app = create_app(replace(settings, public_url="https://comments.example"), database=database, queues=queues)

    assert app.test_client().get("/healthz").headers["Strict-Transport-Security"] == headers.TLS_ONLY


class TestRotation:
    def test_both_keys_work_until_the_old_one_expires(self, database: Database, site: NewSite) -> None:
        now = utc_now()

        new = keys.rotate_key(database, site.key.id, overlap=timedelta(hours=24), by=OPERATOR, now=now)

        def works(token: str, hours: float) -> bool:
            with database.read() as conn:
                return store.find_key(conn, keys.digest_of(token), now + timedelta(hours=hours)) is not None

        assert works(site.key.token, 23.9) and works(new.token, 23.9)
        assert not works(site.key.token, 24.1) and works(new.token, 24.1)

    def test_the_new_key_has_the_scopes_of_the_old_one(self, database: Database, site: NewSite) -> None:
        reads = keys.create_key(
            database, site.site.id, name="feed", scopes=[keys.Scope.READ], by=OPERATOR, now=utc_now()
        )

        new = keys.rotate_key(database, reads.id, overlap=timedelta(), by=OPERATOR, now=utc_now())

        with database.read() as conn:
            _site, row = store.get_key(conn, new.id)
        assert (row.name, row.scopes) == ("feed", frozenset({"read"}))

    def test_a_key_that_has_ended_is_not_brought_back(self, database: Database, site: NewSite) -> None:
        keys.revoke_key(database, site.key.id, by=OPERATOR, now=utc_now())

        with pytest.raises(NotFound):
            keys.rotate_key(database, site.key.id, overlap=timedelta(hours=1), by=OPERATOR, now=utc_now())

    def test_the_command_prints_the_new_key_once(
        self, api: Caller, database: Database, site: NewSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("moderation.operations.operating.migrating.check", lambda db: None)
        environment = {"DATABASE_URL": database.url}

        printed = CliRunner().invoke(cli, ["key", "rotate", site.key.id], env=environment).output

        token = re.search(r"gvl_[\w-]{40,}", printed)
        assert token is not None
        assert Caller(api.client, token.group()).get("/v1/policy").status_code == 200
        listed = CliRunner().invoke(cli, ["key", "list", "Site A"], env=environment).output
        assert "until " in listed
        assert token.group() not in listed


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("database_url", "postgresql://gavel:replace-me@db/gavel", "DATABASE_URL"),
        ("database_url", "postgresql://postgres:postgres@db/gavel", "DATABASE_URL"),
        ("redis_url", "redis://:changeme@queue:6379/0", "REDIS_URL"),
        ("redis_url", "redis://queue:6379/0?password=changeme", "REDIS_URL"),
        ("redis_url", "unix:///run/valkey.sock?db=0&password=change%2Dme", "REDIS_URL"),
        ("redis_url", "redis+sentinel://:b7Lw%2F9@a,b/mymaster/0?sentinel_password=secret", "REDIS_URL"),
        ("database_url", "postgresql://db/gavel?user=gavel&password=replace-me", "DATABASE_URL"),
    ],
)
def test_secrets_from_an_example_stop_the_start_but_of_a_demo(setting: str, value: str, named: str) -> None:
    given = {setting.upper(): value}

    with pytest.raises(SettingsError, match=named):
        Settings.from_env(given).refuse_placeholders()

    Settings.from_env({**given, "GAVEL_DEMO": "yes"}).refuse_placeholders()


def test_secrets_that_nobody_guesses_are_taken() -> None:
    Settings(
        database_url="postgresql://gavel:q8Zr2vXc@db/gavel",
        redis_url="rediss://gavel:b7Lw%2F9@queue:6379/0",
    ).refuse_placeholders()
    Settings(
        database_url="postgresql://db/gavel?user=gavel&password=q8Zr2vXc&sslmode=verify-full&application_name=gavel",
        redis_url="redis+sentinel://:b7Lw%2F9@a,b/mymaster/0?sentinel_password=t4Nk%2F0",
    ).refuse_placeholders()
    Settings().refuse_placeholders()


def test_the_manifests_secrets_do_not_start_the_service() -> None:
    from tests.deploy.test_kubernetes import objects

    (secret,) = objects("secret")
    for name, value in secret["stringData"].items():
        with pytest.raises(SettingsError, match=name):
            Settings.from_env({name: value}).refuse_placeholders()


def test_every_test_that_the_threat_model_names_exists() -> None:
    page = (ROOT / "docs" / "threat-model.md").read_text()

    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?(?:::(\w+))?`", page)

    assert len(named) > 15
    for path, *names in named:
        text = (ROOT / path).read_text()
        for name in filter(None, names):
            assert re.search(rf"(def|class) {name}\b", text), f"{path}::{name}"
