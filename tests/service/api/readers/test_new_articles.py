"""The first comment under an article that nobody has described makes it, from the address of the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.pipeline.arriving import page_articles
from moderation.sites.sites import NewSite
from moderation.spine.articles import untitled_rows as untitled
from service.api.path_segments import STAND_IN
from service.context import utc_now
from tests.service.api.readers.conftest import ORIGIN
from tests.service.api.readers.test_reader_calls import ID, OWN, TEXT, kind
from tests.service.bodies import settle
from tests.service.conftest import Caller

URL = f"{ORIGIN}/2026/ferry?p=7"
ADDRESS = f"{ORIGIN}/local/ferry-to-run-all-winter/"


def post(who: Caller, article: str = "new", **fields: Any) -> Any:
    return who.post(OWN, {"article_id": article, "article_url": URL, "text": TEXT, **fields})


def test_the_first_comment_makes_the_article_of_its_page(dana: Caller, api: Caller) -> None:
    answer = post(dana, article_url=f"{URL}#gavel-1", article_title="Ferry to run all winter")

    assert answer.status_code == 202, answer.text
    article = api.get("/v1/articles/new").json or {}
    assert (article["url"], article["title"], article["state"]) == (URL, "Ferry to run all winter", "open")


def test_the_page_is_asked_for_the_title_that_it_did_not_bring(dana: Caller, eve: Caller, database: Database) -> None:
    for who, article, fields in (
        (dana, "new", {}),
        (eve, "new", {}),
        (dana, "titled", {"article_title": "Ferry"}),
        (dana, "a-1", {}),
    ):
        assert post(who, article, **fields).status_code == 202

    with database.read() as conn:
        asked = untitled.due(conn, untitled.sites_with_due(conn, utc_now())[0], now=utc_now(), limit=9)
    assert [(page.url, page.attempts, page.is_titled) for page in asked] == [(URL, 0, False)]


def test_a_page_changes_no_article_that_is_known(dana: Caller, eve: Caller, api: Caller) -> None:
    first = post(dana, id=ID)
    again = post(dana, id=ID)
    other = post(eve, article_url=f"{ORIGIN}/other", article_title="Mine")
    described = post(eve, "a-1", article_url=f"{ORIGIN}/other", article_title="Mine")

    assert {answer.status_code for answer in (first, again, other, described)} == {202}
    assert again.json == first.json
    assert (api.get("/v1/articles/new").json or {})["url"] == URL
    assert (api.get("/v1/articles/new").json or {})["title"] is None
    assert (api.get("/v1/articles/a-1").json or {})["title"] == "Ferry to run all winter"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/ferry",
        f"{ORIGIN}.evil.example/ferry",
        f"{ORIGIN}@evil.example/ferry",
        f"{ORIGIN}\\@evil.example/ferry",
        "https://news.example:8443/ferry",
        "http://news.example/ferry",
        "http://127.0.0.1/ferry",
        "http://[::1/ferry",
        "javascript:alert(1)",
        f"{ORIGIN}/" + "x" * 2_000,
    ],
)
def test_an_address_at_a_strange_origin_makes_no_article(dana: Caller, api: Caller, url: str) -> None:
    answer = post(dana, article_url=url)

    assert (answer.status_code, [e["field"] for e in answer.json["errors"]]) == (422, ["article_url"])
    assert api.get("/v1/articles/new").status_code == 404


def test_a_comment_that_is_refused_leaves_no_article(dana: Caller, api: Caller) -> None:
    for refused in ({"text": " "}, {"parent_id": "none"}, {"text": "x" * 20_001}):
        assert post(dana, **refused).status_code == 422

    assert api.get("/v1/articles/new").status_code == 404


def test_readers_make_so_many_articles_an_hour_and_no_more(
    dana: Caller, api: Caller, other_api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_articles, "MOST_IN_WINDOW", 4)
    for number in range(9):
        other_api.put(f"/v1/articles/of-another-{number}", {"title": "T"})  # another site's do not count

    answers = [post(dana, f"new-{number}") for number in range(6)]

    assert [answer.status_code for answer in answers] == [202] * 3 + [404] * 3  # a-1 is described
    assert kind(answers[-1]) == (404, "not-found")
    assert post(dana, "new-1").status_code == 202
    assert api.put("/v1/articles/new-9", {"title": "T"}).status_code == 201


def test_an_address_serves_as_an_id_in_every_call(
    client: FlaskClient, dana: Caller, api: Caller, database: Database, site: NewSite
) -> None:
    article, pages = quote(ADDRESS, safe=""), f"/v1/pages/{site.site.id}"

    assert post(dana, ADDRESS, id=ID).status_code == 202
    settle(database, site.site.id, ID)

    assert (api.get(f"/v1/articles/{article}").json or {})["id"] == ADDRESS
    assert api.put(f"/v1/articles/{article}", {"title": "Ferry"}).status_code == 200
    links = (api.get(f"/v1/comments/{ID}").json or {})["links"]
    assert [one["id"] for one in (api.get(links["article"]).json or {})["comments"]] == [ID]
    read = client.get(f"{pages}/articles/{article}").json or {}
    assert (read["article"]["id"], [one["id"] for one in read["comments"]]) == (ADDRESS, [ID])
    for rest in ("version", f"shown?id={ID}", f"comments/{ID}", f"comments/{ID}/replies"):
        assert client.get(f"{pages}/articles/{article}/{rest}").status_code == 200
    counts = client.get(f"{pages}/counts", query_string={"article": [ADDRESS, "a/b"]}).json or {}
    assert counts["counts"] == {ADDRESS: 1, "a/b": 0}
    assert TEXT in client.get(f"/embed/v1/articles/{article}.html?site={site.site.id}").text
    assert [one["id"] for one in (dana.get(f"{OWN}?article={article}").json or {})["comments"]] == [ID]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/articles/a/1", 404),
        ("/v1/articles/%2E%2E", 422),
        ("/v1/comments/c%2F1", 422),
        (f"/v1/articles/{quote(STAND_IN)}", 404),
        (f"/v1/articles/{quote(STAND_IN)}%2F1", 404),
        ("/v1/articles%2Fa-1", 404),
        ("/%2F%2F%2Fv1/articles/a-1", 404),
    ],
)
def test_a_slash_is_part_of_an_id_only_where_it_is_encoded(api: Caller, path: str, status: int) -> None:
    assert api.get(path).status_code == status
