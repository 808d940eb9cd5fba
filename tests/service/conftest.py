"""The service in one process on real stores, and two sites: Ana's (site A) and Carla's (site B)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.sites import sites
from moderation.sites.sites import NewSite
from service.app import create_app
from service.context import utc_now
from tests.builders import OPERATOR
from tests.made_once import made_once
from tests.paces import without_pace

__all__ = ["made_once"]

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


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> Database:
    """Only the core has SQL, and its tests run on both databases, as do those here that are marked ``ON_BOTH``."""
    return request.getfixturevalue(f"{request.param}_database")  # type: ignore[no-any-return]


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
    return without_pace(database, sites.create_site(database, "Site A", by=OPERATOR, now=utc_now()))


@pytest.fixture
def other_site(database: Database) -> NewSite:
    return without_pace(database, sites.create_site(database, "Site B", by=OPERATOR, now=utc_now()))


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
