"""The first page of an article's comments without a script, as a site's server includes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.sites.sites import NewSite
from moderation.spine.articles import ageing
from service.context import utc_now
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

HOSTILE = '<img src=x onerror=alert(1)> & "quoted" {{ 7 * 7 }}'


@pytest.fixture(autouse=True)
def allowed(api: Caller) -> None:
    api.put("/v1/site/origins", {"origins": ["https://news.example"]})
    api.put("/v1/articles/a-1", {"title": "Ferry to run all winter"})


@pytest.fixture
def path(site: NewSite) -> str:
    return f"/embed/v1/articles/a-1.html?site={site.site.id}"


def publish(api: Caller, database: Database, site: NewSite, id: str, **fields: Any) -> None:
    assert api.post("/v1/comments", a_body(id=id, **fields)).status_code == 202
    settle(database, site.site.id, id, Action.PUBLISH)


def heading(page: BeautifulSoup) -> str:
    return page.select("h2")[0].text


def test_an_article_without_comments_says_so(client: FlaskClient, path: str) -> None:
    page = client.get(path)

    assert page.mimetype == "text/html"
    assert heading(BeautifulSoup(page.text, "html.parser")) == "No comments yet"


def test_threads_stand_as_in_the_box_and_texts_stay_texts(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str
) -> None:
    publish(api, database, site, "c-1", text=HOSTILE, author={"id": "r-1", "name": HOSTILE})
    publish(api, database, site, "c-2", text=f"No. {HOSTILE}", parent_id="c-1", author={"id": "r-2", "name": "Eve"})
    api.post("/v1/comments", a_body(id="c-3", text="Not decided yet."))

    page = BeautifulSoup(client.get(path).text, "html.parser")

    assert page.find_all(["img", "script"]) == []
    assert heading(page) == "2 comments"
    assert page.select("section.gavel-comments")[0]["data-article"] == "a-1"
    assert [each["id"] for each in page.find_all("article")] == ["gavel-c-1", "gavel-c-2"]
    assert page.select("#gavel-c-1 p")[0].text == HOSTILE
    assert page.select("li li article")[0]["id"] == "gavel-c-2"
    assert f"In reply to {HOSTILE}" in page.select("#gavel-c-2 header")[0].text
    assert "Not decided yet." not in page.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("de-AT", "2 Kommentare"), ("pl", "2 komentarze"), ("en", "2 comments"), ("xx", "2 comments")],
)
def test_words_are_in_the_pages_language(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str, language: str, said: str
) -> None:
    publish(api, database, site, "c-1")
    publish(api, database, site, "c-2")

    page = client.get(f"{path}&language={language}")

    assert heading(BeautifulSoup(page.text, "html.parser")) == said


def test_any_proxy_may_keep_it_until_something_changes(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str
) -> None:
    first = client.get(path)
    known = {"If-None-Match": first.headers["ETag"]}
    same = client.get(path, headers=known)
    publish(api, database, site, "c-1")
    changed = client.get(path, headers=known)

    assert first.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=60"
    assert (same.status_code, same.data) == (304, b"")
    assert changed.status_code == 200 and changed.headers["ETag"] != first.headers["ETag"]
    assert first.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 422), ("?site=", 422), ("?site=none", 404), ("?site=01a21022-6248-7aa4-98be-b8141b0f4638", 404)],
)
def test_a_site_that_is_none_is_a_clear_problem(client: FlaskClient, query: str, status: int) -> None:
    answer = client.get(f"/embed/v1/articles/a-1.html{query}")

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_an_article_of_another_site_is_not_shown(
    client: FlaskClient, api: Caller, other_api: Caller, other_site: NewSite, database: Database, site: NewSite
) -> None:
    publish(api, database, site, "c-1")
    other_api.put("/v1/site/origins", {"origins": ["https://other.example"]})

    page = client.get(f"/embed/v1/articles/a-1.html?site={other_site.site.id}")

    assert "0" not in page.text.split("<h2>")[1].split("</h2>")[0]
    assert BeautifulSoup(page.text, "html.parser").find_all("article") == []


def test_a_mode_that_closes_comments_says_until_when(client: FlaskClient, api: Caller, path: str) -> None:
    open_page = client.get(path)
    assert api.post("/v1/site/modes", {"mode": "closed", "hours": 2, "article": "a-1"}).status_code == 201
    client.application.extensions["gavel.pages"]._known.clear()  # which remembers a site for five seconds
    page = client.get(path, headers={"If-None-Match": open_page.headers["ETag"]})

    assert page.status_code == 200
    assert "Comments are closed until" in page.text and "UTC" in page.text
    assert "closed" not in open_page.text


def test_a_crawler_without_scripts_finds_the_comments_and_who_wrote_them(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str
) -> None:
    """The page says it as microdata of schema.org: no word stands twice, and no text can end a script."""
    url = "https://news.example/ferry?a=1&b=2"
    api.put("/v1/articles/a-1", {"title": f"Ferry {HOSTILE}", "url": url})
    publish(
        api,
        database,
        site,
        "c-1",
        text=f"</script>{HOSTILE}\n\n> Cranes?\n\nhttps://port.example/",
        author={"id": "r-1"},
    )
    publish(api, database, site, "c-2", text="No.", parent_id="c-1", author={"id": "r-2", "name": HOSTILE})

    page = BeautifulSoup(client.get(path).text, "html.parser")

    (article,) = items(page, top=True)
    assert article["type"] == "Article"
    assert (article["headline"], article["url"], article["commentCount"]) == ([f"Ferry {HOSTILE}"], [url], ["2"])
    (comment,) = article["comment"]
    (reply,) = comment["comment"]
    assert [comment["type"], reply["type"]] == ["Comment", "Comment"]
    assert comment["url"] == [f"{url}#gavel-c-1"]
    assert "</script>" in comment["text"][0] and "Cranes?" in comment["text"][0]
    assert [reply["text"][0].strip(), reply["author"][0]["type"], reply["author"][0]["name"]] == [
        "No.", "Person", [HOSTILE]
    ]  # fmt: skip
    assert datetime.fromisoformat(reply["datePublished"][0]).tzinfo is not None
    (link,) = page.select("#gavel-c-1 a")
    assert (link["href"], link["rel"]) == ("https://port.example/", ["ugc", "nofollow", "noopener"])
    assert page.select("#gavel-c-1 blockquote")[0].text.strip() == "Cranes?"
    assert page.find_all("script") == []


def items(scope: Tag, *, top: bool = False) -> list[dict[str, Any]]:
    """The items below, as the standard reads them: https://html.spec.whatwg.org/multipage/microdata.html"""
    return [item(tag) for tag in scope.select("[itemscope]") if not top or not tag.has_attr("itemprop")]


def item(tag: Tag) -> dict[str, Any]:
    read: dict[str, Any] = {"type": str(tag["itemtype"]).removeprefix("https://schema.org/")}
    for named in tag.select("[itemprop]"):
        if named.find_parent(attrs={"itemscope": True}) is not tag:
            continue
        value: Any = item(named) if named.has_attr("itemscope") else None
        for attribute in ("content", "href", "datetime"):
            value = value or named.get(attribute)
        read.setdefault(str(named["itemprop"]), []).append(value or named.text)
    return read


def test_a_site_may_switch_links_off(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str
) -> None:
    publish(api, database, site, "c-1", text="See https://port.example/")
    assert api.patch("/v1/site/settings", {"comment_links": False}).status_code == 200
    client.application.extensions["gavel.pages"]._known.clear()  # which remembers a site for five seconds

    page = BeautifulSoup(client.get(path).text, "html.parser")

    assert page.select("article a") == []
    assert "See https://port.example/" in page.text


def test_an_article_that_closed_for_its_age_says_so(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str
) -> None:
    assert api.patch("/v1/site/settings", {"close_after_days": 14}).status_code == 200
    ageing.close_aged(database, utc_now() + timedelta(days=15))

    page = client.get(path)
    read = client.get(f"/v1/pages/{site.site.id}/articles/a-1").json or {}
    refused = api.post("/v1/comments", a_body(id="c-1"))

    assert "Comments on older articles are closed." in page.text
    assert (read["article"]["open"], read["article"]["aged"]) == (False, True)
    assert (refused.status_code, (refused.json or {})["type"].rpartition(":")[2]) == (409, "article-closed")
