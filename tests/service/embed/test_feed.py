"""An article's newest comments as a feed."""

from __future__ import annotations

from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.sites.sites import NewSite
from service.embed import feed
from tests.service.bodies import a_body, problem_fields
from tests.service.conftest import Caller
from tests.service.embed.test_plain_page import HOSTILE, publish

URL = "https://news.example/ferry?a=1&b=2"


@pytest.fixture(autouse=True)
def described(api: Caller) -> None:
    api.put("/v1/site/origins", {"origins": ["https://news.example"]})
    api.put("/v1/articles/a-1", {"title": f"Ferry {HOSTILE}", "url": URL})


@pytest.fixture
def path(site: NewSite) -> str:
    return f"/embed/v1/articles/a-1.rss?site={site.site.id}"


def channel_of(client: FlaskClient, path: str) -> ET.Element:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/rss+xml"), answer.text
    channel = ET.fromstring(answer.data).find("channel")
    assert channel is not None
    return channel


def test_a_feed_has_the_newest_comments_that_readers_see(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str
) -> None:
    publish(api, database, site, "c-1", text="First.", author={"id": "r-1", "name": "Una"})
    publish(api, database, site, "c-2", text="Second.", parent_id="c-1", author={"id": "r-2", "name": HOSTILE})
    api.post("/v1/comments", a_body(id="c-3", text="Not decided yet."))
    publish(api, database, site, "c-4", text="Taken down.", author={"id": "r-3"})
    api.post("/v1/comments/c-4/decisions", {"action": "reject", "version": 2})

    channel = channel_of(client, path)

    assert [channel.findtext(tag) for tag in ("title", "link", "description", "language")] == [
        f"Comments: Ferry {HOSTILE}", URL, "2 comments", "en"
    ]  # fmt: skip
    items = [{part.tag: part.text for part in item} for item in channel.findall("item")]
    assert [item["link"] for item in items] == [f"{URL}#gavel-c-2", f"{URL}#gavel-c-1"]
    assert [item["title"] for item in items] == [HOSTILE, "Una"]
    assert all(str(item["pubDate"]).endswith(" GMT") for item in items)
    assert len({item["guid"] for item in items}) == 2


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.\nTwo.\n\nThree.", "<p>One.<br>Two.</p><p>Three.</p>"),
        ("> Said.\nNo & yes.", "<blockquote><p>Said.</p></blockquote><p>No &amp; yes.</p>"),
        (
            "https://a.example/?b=1&c",
            '<p><a href="https://a.example/?b=1&amp;c" rel="ugc nofollow noopener">a.example/?b=1&amp;c</a></p>',
        ),
        ("]]> \ufffe<b>", "<p>]]&gt; &lt;b&gt;</p>"),
    ],
)
def test_texts_are_html_of_our_own(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str, text: str, html: str
) -> None:
    publish(api, database, site, "c-1", text=text)

    assert channel_of(client, path).findtext("item/description") == html


def test_hostile_markup_stays_text_in_programs_that_read_feeds(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str
) -> None:
    publish(api, database, site, "c-1", text=HOSTILE)

    shown = BeautifulSoup(channel_of(client, path).findtext("item/description") or "", "html.parser")

    assert (shown.text, shown.find("img")) == (HOSTILE, None)


def test_a_site_without_links_has_none_in_its_feed(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str
) -> None:
    api.patch("/v1/site/settings", {"comment_links": False})
    publish(api, database, site, "c-1", text="https://a.example/")

    assert channel_of(client, path).findtext("item/description") == "<p>https://a.example/</p>"


def test_a_feed_ends_after_the_newest(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST", 2)
    for number in range(3):
        publish(api, database, site, f"c-{number}", text=f"Text {number}.")

    channel = channel_of(client, path)

    assert [text.text for text in channel.findall("item/description")] == ["<p>Text 2.</p>", "<p>Text 1.</p>"]
    assert channel.findtext("description") == "3 comments"


def test_programs_may_keep_it_until_something_changes(
    client: FlaskClient, api: Caller, database: Database, site: NewSite, path: str
) -> None:
    first = client.get(path)
    known = {"If-None-Match": first.headers["ETag"]}
    same = client.get(path, headers=known)
    publish(api, database, site, "c-1")
    published = client.get(path, headers=known)
    known = {"If-None-Match": published.headers["ETag"]}
    settle_down = api.post("/v1/comments/c-1/decisions", {"action": "reject", "version": 2})
    rejected = client.get(path, headers=known)

    assert first.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=60"
    assert (same.status_code, published.status_code, settle_down.status_code, rejected.status_code) == (
        304, 200, 201, 200
    )  # fmt: skip
    assert b"<item>" in published.data and b"<item>" not in rejected.data


def test_an_article_that_nobody_knows_has_an_empty_feed_and_an_id_may_be_an_address(
    client: FlaskClient, api: Caller, database: Database, site: NewSite
) -> None:
    address = "https://news.example/ferry/?p=7"
    there = f"/embed/v1/articles/{quote(address, safe='')}.rss?site={site.site.id}&language=de"
    empty = channel_of(client, there)
    publish(api, database, site, "c-1", article={"id": address})
    one = channel_of(client, there)

    assert (empty.findtext("title"), empty.findtext("description")) == (
        f"Kommentare: {address}",
        "Noch keine Kommentare",
    )
    assert [len(channel.findall("item")) for channel in (empty, one)] == [0, 1]


@pytest.mark.parametrize(("query", "status"), [("", 422), ("?site=none", 404)])
def test_a_site_that_is_none_is_a_clear_problem(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/embed/v1/articles/a-1.rss{query}").status_code == status


@pytest.mark.parametrize("kind", ["html", "rss"])
@pytest.mark.parametrize(("article", "status"), [("a" * 200, 200), ("a" * 201, 422), ("a%0Ab", 422)])
def test_what_can_be_no_articles_id_is_refused(
    client: FlaskClient, api: Caller, site: NewSite, kind: str, article: str, status: int
) -> None:
    api.put("/v1/site/origins", {"origins": ["https://news.example"]})

    answer = client.get(f"/embed/v1/articles/{article}.{kind}?site={site.site.id}")

    assert answer.status_code == status
    assert status == 200 or problem_fields(answer.json) == ["article"]


def test_an_article_of_another_site_is_not_in_the_feed(
    client: FlaskClient, api: Caller, other_api: Caller, other_site: NewSite, database: Database, site: NewSite
) -> None:
    publish(api, database, site, "c-1")
    other_api.put("/v1/site/origins", {"origins": ["https://other.example"]})

    channel = channel_of(client, f"/embed/v1/articles/a-1.rss?site={other_site.site.id}")

    assert channel.findall("item") == []
