"""The service in one process on real stores, and two sites: Ana's (site A) and Carla's (site B)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from moderation.people import sites
from moderation.people.sites import NewSite
from moderation.queueing.jobs import Queues
from moderation.settings import Settings
from moderation.store.database import Database
from service.app import Application, create_app
from service.context import utc_now
from tests.builders import OPERATOR

NOBODY = "http://127.0.0.1:9"
"""No scoring process answers there. Tests that need one name it: ``tests/scoring_processes.py``."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A news site that calls the API with one key."""

    client: FlaskClient
    token: str

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self._call("POST", path, json=json, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self._call("PUT", path, json=json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self._call("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self._call("DELETE", path, **options)

    def _call(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.client.open(path, method=method, headers=sent, **options)


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """Each test has an application of its own with the same 200 routes and the same templates. Compiling these anew
    would take longer than most tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Rule, "_compile_builder", _builder_once(Rule._compile_builder))
        patched.setattr(Application, "jinja_options", {"bytecode_cache": KeptTemplates()})
        yield


def _builder_once(compile_builder: Callable[[Rule, bool], Any]) -> Callable[[Rule, bool], Any]:
    """The function that builds a rule's addresses depends on the rule's text and its defaults alone."""
    known: dict[tuple[object, ...], Any] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, repr(rule.defaults), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    return builder


class KeptTemplates(BytecodeCache):
    """Compiled templates by their file and text."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if found := self._known.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(gavel_home=tmp_path, web_threads=4, scoring_url=NOBODY)


@pytest.fixture
def app(settings: Settings, database: Database, queues: Queues) -> OpenAPI:
    return create_app(settings, database=database, queues=queues)


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def site(database: Database) -> NewSite:
    return sites.create_site(database, "Site A", by=OPERATOR, now=utc_now())


@pytest.fixture
def other_site(database: Database) -> NewSite:
    return sites.create_site(database, "Site B", by=OPERATOR, now=utc_now())


@pytest.fixture
def api_key(site: NewSite) -> str:
    return site.key.token


@pytest.fixture
def api(client: FlaskClient, api_key: str) -> Caller:
    """Site A's calls."""
    return Caller(client, api_key)


@pytest.fixture
def other_api(client: FlaskClient, other_site: NewSite) -> Caller:
    """Site B's calls."""
    return Caller(client, other_site.key.token)
