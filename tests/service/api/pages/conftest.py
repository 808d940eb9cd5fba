"""Site A's pages may read what its readers see."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.sites.sites import NewSite
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

ORIGIN = "https://news.example"


@pytest.fixture(autouse=True)
def described(api: Caller) -> None:
    api.put("/v1/articles/a-1", {"title": "Ferry to run all winter"})
    api.put("/v1/site/origins", {"origins": [ORIGIN]})


class Reading:
    """A page of the site, and the site's server that sends what readers write."""

    def __init__(self, client: FlaskClient, api: Caller, database: Database, site_id: str) -> None:
        self.client, self.api, self.database, self.site_id = client, api, database, site_id

    def get(self, path: str = "articles/a-1", **options: Any) -> Any:
        return self.client.get(f"/v1/pages/{self.site_id}/{path}", **options)

    def page(self, query: str = "", article: str = "a-1") -> Any:
        answer = self.get(f"articles/{article}?{query}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def ids(self, query: str = "") -> list[str]:
        return [comment["id"] for comment in self.page(query)["comments"]]

    def publish(self, id: str, parent: str | None = None, **fields: Any) -> None:
        self.wait(id, parent, **fields)
        settle(self.database, self.site_id, id)

    def wait(self, id: str, parent: str | None = None, **fields: Any) -> None:
        answer = self.api.post("/v1/comments", a_body(id=id, parent_id=parent, **fields))
        assert answer.status_code == 202, answer.text


@pytest.fixture
def reading(client: FlaskClient, api: Caller, database: Database, site: NewSite) -> Reading:
    return Reading(client, api, database, site.site.id)
