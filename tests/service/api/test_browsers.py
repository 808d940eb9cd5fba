"""A page in a browser reads public things only, with a key for it, from the site's own origins."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.sites import keys, sites
from moderation.sites.keys import Scope
from moderation.sites.sites import NewSite
from service.context import utc_now
from service.web import cross_origin
from service.web.cross_origin import Origins
from tests.builders import OPERATOR
from tests.clock import Clock
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller

OWN, STRANGE, OTHERS = "https://news.example", "https://evil.example", "https://other.example"
LIST = "/v1/articles/a-1/comments"
PUBLIC = (LIST, "/v1/articles:counts?id=a-1", "/v1/comments/c-1/replies")
PRIVATE = (
    "/v1/articles/a-1", "/v1/articles/a-1/state", "/v1/comments", "/v1/comments/c-1", "/v1/events", "/v1/policy",
    "/v1/authors/reader-1", "/v1/authors/reader-1/export", "/v1/site", "/v1/site/origins",
)  # fmt: skip


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.fixture(autouse=True)
def origins(api: Caller, other_api: Caller) -> None:
    api.put("/v1/site/origins", {"origins": [OWN, "http://localhost:3000"]})
    other_api.put("/v1/site/origins", {"origins": [OTHERS]})


@pytest.fixture(autouse=True)
def comments(api: Caller, database: Database, site: NewSite) -> None:
    for comment, action in (("c-1", Action.PUBLISH), ("c-2", Action.FLAG)):
        api.post("/v1/comments", a_body(id=comment))
        settle(database, site.site.id, comment, action)


@pytest.fixture
def page(client: FlaskClient, database: Database, site: NewSite) -> Caller:
    """The headers that a reader's browser sends."""
    key = keys.create_key(database, site.site.id, name="page", scopes=[Scope.PUBLIC], by=OPERATOR, now=utc_now())
    return Caller(client, key.token)


def ask(client: FlaskClient, path: str, origin: str | None, method: str = "GET") -> TestResponse:
    """As a browser asks before it calls: without the key."""
    headers = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization"}
    return client.options(path, headers=headers | ({"Origin": origin} if origin else {}))


def allowed(response: TestResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers if name.startswith("Access-Control-")}


@pytest.mark.parametrize("path", PUBLIC)
def test_a_page_of_the_site_reads_what_is_public(page: Caller, path: str) -> None:
    response = page.get(path, headers={"Origin": OWN})

    assert response.status_code == 200
    assert allowed(response) == {
        "Access-Control-Allow-Origin": OWN,
        "Access-Control-Expose-Headers": "RateLimit, RateLimit-Policy, Retry-After, Gavel-Model-Version, "
        "Gavel-Attributes-Left-Out, Gavel-Categories-Without-Model, Gavel-Not-Judged",
    }
    assert "Origin" in response.headers["Vary"]


def test_a_page_reads_the_published_comments_and_nothing_else(page: Caller) -> None:
    found = page.get(LIST, headers={"Origin": OWN}).json

    assert found is not None
    assert [comment["id"] for comment in found["comments"]] == ["c-1"]
    assert page.post("/v1/articles:counts", {"ids": ["a-1"]}, headers={"Origin": OWN}).json == {"counts": {"a-1": 1}}


@pytest.mark.parametrize("status", ["flagged", "waiting", "rejected", "withdrawn"])
@pytest.mark.parametrize("path", [LIST, "/v1/comments/c-1/replies"])
def test_a_key_for_browsers_lists_nothing_that_readers_do_not_see(page: Caller, path: str, status: str) -> None:
    assert page.get(f"{path}?status={status}").status_code == 403


@pytest.mark.parametrize("path", PRIVATE)
def test_a_key_for_browsers_opens_nothing_else(page: Caller, path: str) -> None:
    assert page.get(path, headers={"Origin": OWN}).status_code == 403


def test_a_key_for_browsers_changes_nothing(page: Caller, app: OpenAPI) -> None:
    tried = 0
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"PUT", "POST", "PATCH", "DELETE"}:
            if rule.rule.startswith("/v1/") and rule.rule != "/v1/articles:counts":
                path = rule.rule.replace("<id>", "c-1").replace("<path:id>", "reader-1")
                assert page._call(method, path, json={}).status_code == 403, (method, path)
                tried += 1
    assert tried > 12


@pytest.mark.parametrize("origin", [STRANGE, OTHERS, "null", "*", "https://news.example:8443", "HTTPS://NEWS.EXAMPLE"])
def test_a_page_of_another_origin_is_refused(page: Caller, origin: str) -> None:
    response = page.get(LIST, headers={"Origin": origin})

    assert response.status_code == 403
    assert allowed(response) == {}


def test_a_server_may_use_the_key_too(page: Caller) -> None:
    response = page.get(LIST)

    assert response.status_code == 200
    assert allowed(response) == {}


@pytest.mark.parametrize("path", [*PUBLIC, *PRIVATE])
def test_a_key_that_may_more_works_in_no_browser(api: Caller, path: str) -> None:
    response = api.get(path, headers={"Origin": OWN})

    assert response.status_code == 200
    assert allowed(response) == {}


def test_a_page_may_read_why_it_was_refused(page: Caller) -> None:
    response = page.get(f"{LIST}?limit=0", headers={"Origin": OWN})

    assert response.status_code == 422
    assert allowed(response)["Access-Control-Allow-Origin"] == OWN


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("origin", [OWN, OTHERS])
def test_a_browser_that_asks_first_is_let_in(client: FlaskClient, path: str, origin: str) -> None:
    response = ask(client, path, origin)

    assert response.status_code == 204
    assert allowed(response) == {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Max-Age": "600",
    }
    assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize("path", [*PUBLIC, *PRIVATE])
@pytest.mark.parametrize("origin", [STRANGE, "null", "*", "", None])
def test_a_strange_page_that_asks_first_is_not(client: FlaskClient, path: str, origin: str | None) -> None:
    response = ask(client, path, origin)

    assert response.status_code == 401
    assert allowed(response) == {}


@pytest.mark.parametrize("path", [*PRIVATE, "/v1/comments:batch"])
def test_no_page_is_let_in_to_what_is_not_public(client: FlaskClient, path: str) -> None:
    response = ask(client, path, OWN, "POST")

    assert response.status_code == 401
    assert allowed(response) == {}


def test_no_answer_but_the_boxs_script_allows_everybody_and_none_credentials(app: OpenAPI, page: Caller) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule in ("/embed/v1.js", "/embed/v1/later.js"):
            continue  # the same for all, and public
        path = rule.rule.replace("<id>", "a-1").replace("<path:id>", "reader-1")
        for response in (ask(page.client, path, OWN), page.get(path, headers={"Origin": OWN})):
            said = allowed(response)
            assert said.get("Access-Control-Allow-Origin") in (OWN, None)
            assert "Access-Control-Allow-Credentials" not in said


def test_an_origin_that_is_taken_away_is_refused_within_the_cache_time(database: Database, site: NewSite) -> None:
    clock = Clock()
    known = Origins(database, clock)
    assert known.of(site.site.id) == {OWN, "http://localhost:3000"}
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), origins=())

    clock.moment += cross_origin.CACHE_S - 0.01
    still = known.of(site.site.id)
    clock.moment += 0.01

    assert OWN in still
    assert known.of(site.site.id) == frozenset()
    assert not known.holds(OWN)
    assert known.holds(OTHERS)


@pytest.mark.parametrize("sent", [["*"], ["https://news.example/"], "https://news.example", [7], None])
def test_origins_that_no_browser_sends_are_refused_by_their_field(api: Caller, sent: object) -> None:
    response = api.put("/v1/site/origins", {"origins": sent})

    assert response.status_code == 422
    assert problem_fields(response.json)[0].startswith("origins")
    assert api.get("/v1/site/origins").json == {"origins": [OWN, "http://localhost:3000"], "comment_links": True}
