"""A caller of Perspective's interface, and a scoring process that answers what a test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.sites import keys, sites
from moderation.sites.keys import Scope
from moderation.sites.sites import NewSite
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.compat.perspective.scoring import FakeScoring, take_place

Set = Callable[..., None]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.fixture(autouse=True)
def scoring(app: OpenAPI) -> FakeScoring:
    return take_place(app)


@pytest.fixture
def key(database: Database, site: NewSite) -> str:
    """A key that may only score."""
    made = keys.create_key(database, site.site.id, name="perspective", scopes=[Scope.SCORE], by=OPERATOR, now=utc_now())
    return made.token


@pytest.fixture
def posting_key(database: Database, site: NewSite) -> str:
    """A key that may score and post, as that of a server."""
    scopes = [Scope.SCORE, Scope.POST]
    made = keys.create_key(database, site.site.id, name="server", scopes=scopes, by=OPERATOR, now=utc_now())
    return made.token


@pytest.fixture
def change(database: Database, site: NewSite) -> Set:
    """Changes settings of the site."""

    def to(**changes: Any) -> None:
        sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), **changes)

    return to


class Perspective:
    """Calls with a key in the query."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client, self.key = client, key

    def analyze(self, text: str = "Fine by me 0.2", *attributes: str, **more: Any) -> TestResponse:
        wanted: dict[str, Any] = {name: {} for name in attributes or ("TOXICITY",)}
        return self.call("analyze", {"comment": {"text": text}, "requestedAttributes": wanted, **more})

    def scores(self, text: str, *attributes: str, **more: Any) -> dict[str, float]:
        body: Any = self.analyze(text, *attributes, **more).json
        return {name: each["summaryScore"]["value"] for name, each in body.get("attributeScores", {}).items()}

    def suggest(self, text: str, value: float, **more: Any) -> TestResponse:
        scores = {"TOXICITY": {"summaryScore": {"value": value}}}
        return self.call("suggestscore", {"comment": {"text": text}, "attributeScores": scores, **more})

    def call(self, name: str, body: Any, **options: Any) -> TestResponse:
        return self.client.post(f"/v1alpha1/comments:{name}?key={self.key}", json=body, **options)


@pytest.fixture
def perspective(client: FlaskClient, key: str) -> Perspective:
    return Perspective(client, key)
