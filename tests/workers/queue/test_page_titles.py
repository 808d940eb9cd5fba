"""Pages on loopback are asked for the titles of articles that a comment has made."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.webhooks.sending import Sender
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.spine.articles import rows as articles
from moderation.spine.articles import untitled_rows as store
from moderation.spine.articles.tables import untitled_articles
from tests.clock import WallClock
from tests.moderation.conftest import add_site
from tests.receivers import SlowServer, babbling, silent, trickling
from workers.queue import page_titles
from workers.queue.delivery import Courier
from workers.queue.page_titles import RETRY_AFTER

FERRY = b"<!doctype html><title>Ferry to run all winter</title>"


class News:
    """A site's pages, by path: status, headers and body."""

    def __init__(self) -> None:
        news = self
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                news.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                status, headers, body = news.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in {"content-type": "text/html", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _headers in self.asked]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def news() -> Iterator[News]:
    with closing(News()) as news:
        yield news


@pytest.fixture
def site(database: Database, news: News) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald", origins=(news.url,))


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def courier(database: Database, clock: WallClock) -> Courier:
    return Courier(database, Sender(deadline_s=2, allow_private=True), now=clock)


def make(database: Database, site: Site, url: str, id: str = "new", title: str | None = None) -> None:
    now = WallClock()()
    with database.write() as conn:
        articles.insert_article(conn, site.id, id, {"url": url, "title": title}, now=now)
        store.insert(conn, articles.get_article(conn, site.id, id).id, site.id, now=now)


def title(database: Database, site: Site, id: str = "new") -> str | None:
    with database.read() as conn:
        return articles.get_article(conn, site.id, id).title


def waiting(database: Database) -> list[int]:
    """How often each page that is still to be asked has been asked."""
    with database.read() as conn:
        return list(conn.execute(sa.select(untitled_articles.c.attempts)).scalars())


def test_an_article_gets_the_title_of_its_page(
    courier: Courier, news: News, database: Database, site: Site, clock: WallClock
) -> None:
    news.pages["/ferry?p=7"] = (200, {"content-type": "text/html; charset=utf-8"}, FERRY)
    make(database, site, f"{news.url}/ferry?p=7")
    with database.read() as conn:
        assert store.sites_with_due(conn, clock()) == [site.id]

    courier.deliver(site.id)
    courier.deliver(site.id)

    assert title(database, site) == "Ferry to run all winter"
    assert waiting(database) == []
    ((_path, headers),) = news.asked
    assert (headers["user-agent"], headers["accept-encoding"], "cookie" in headers) == ("Gavel", "identity", False)


def test_a_page_that_is_away_is_asked_again_and_then_no_more(
    courier: Courier, news: News, database: Database, site: Site, clock: WallClock
) -> None:
    make(database, site, f"{news.url}/ferry")
    for delay in RETRY_AFTER:
        courier.deliver(site.id)
        courier.deliver(site.id)  # it is not due again yet
        clock.time += delay
    assert len(news.asked) == len(RETRY_AFTER)

    courier.deliver(site.id)

    assert len(news.asked) == 1 + len(RETRY_AFTER)
    assert (title(database, site), waiting(database)) == (None, [])


def test_a_page_that_comes_back_gives_its_title(
    courier: Courier, news: News, database: Database, site: Site, clock: WallClock
) -> None:
    make(database, site, f"{news.url}/ferry")
    courier.deliver(site.id)
    news.pages["/ferry"] = (200, {}, FERRY)
    clock.time += RETRY_AFTER[0]

    courier.deliver(site.id)

    assert title(database, site) == "Ferry to run all winter"


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {"content-type": "application/json"}, FERRY),
        (200, {"content-type": "image/svg+xml"}, FERRY),
        (200, {"content-type": ""}, FERRY),
        (200, {"content-type": ";" * 50_000}, FERRY),
        (200, {}, b"<body>no head"),
        (200, {}, b"<title>" + b"x" * 1_000_000 + b"</title>"),
        (200, {"content-encoding": "gzip"}, b"\x1f\x8b\x08" + b"\0" * 70_000),
    ],
)
def test_what_is_no_page_with_a_title_is_not_asked_again(
    courier: Courier, news: News, database: Database, site: Site, status: int, headers: dict[str, str], body: bytes
) -> None:
    news.pages["/ferry"] = (status, headers, body)
    make(database, site, f"{news.url}/ferry")

    courier.deliver(site.id)

    assert (title(database, site), waiting(database)) == (None, [])


def test_a_page_leads_on_within_its_origin_alone(courier: Courier, news: News, database: Database, site: Site) -> None:
    with closing(News()) as inside:
        inside.pages["/"] = news.pages["/there/"] = (200, {}, FERRY)
        news.pages["/here"] = (302, {"location": "/there"}, b"")
        news.pages["/there"] = (301, {"location": "there/"}, b"")
        places = {"here": "/here"}
        for number, place in enumerate(
            [f"{inside.url}/", f"//127.0.0.1:{inside.server.server_port}/", "file:///etc/passwd", "", "http://[::1",
             f"{news.url}@127.0.0.1:{inside.server.server_port}/", f"{news.url}\\@evil.example/", "/loop",
             news.url.replace("127.0.0.1", "2130706433") + "/there/", "/" + "x" * 3_000]
        ):  # fmt: skip
            news.pages[f"/away-{number}"] = (302, {"location": place}, b"")
            places[f"away-{number}"] = f"/away-{number}"
        news.pages["/loop"] = (302, {"location": "/loop"}, b"")
        for id, path in places.items():
            make(database, site, f"{news.url}{path}", id)

        courier.deliver(site.id)

        assert inside.asked == []
    titles = {id: title(database, site, id) for id in places}
    assert titles == {**dict.fromkeys(places), "here": "Ferry to run all winter"}
    assert sorted(waiting(database)) == [1] * (len(places) - 1)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/ferry", "http://localhost:{port}/ferry", "http://2130706433:{port}/ferry",
     "http://0x7f.1:{port}/ferry", "http://[::1]:{port}/ferry", "http://[::ffff:127.0.0.1]:{port}/ferry"],
)  # fmt: skip
def test_an_origin_inside_our_network_is_not_called(news: News, database: Database, site: Site, url: str) -> None:
    news.pages["/ferry"] = (200, {}, FERRY)
    address = url.format(port=news.server.server_port)
    with database.write() as conn:
        known = sites.get_site(conn, site.id).settings
        sites.update_site_settings(conn, site.id, known.changed(origins=(address.removesuffix("/ferry"),)))
    make(database, site, address)
    strict = Courier(database, Sender(2, allow_private=False), now=WallClock())

    strict.deliver(site.id)

    assert news.asked == []
    assert (title(database, site), waiting(database)) == (None, [1])


def test_an_address_at_an_origin_that_the_site_has_given_up_is_not_called(
    courier: Courier, news: News, database: Database, site: Site
) -> None:
    with closing(News()) as other:
        for number, url in enumerate([f"{other.url}/", f"{news.url}@127.0.0.1:{other.server.server_port}/"]):
            make(database, site, url, f"a-{number}")

        courier.deliver(site.id)

        assert (other.asked, news.asked, waiting(database)) == ([], [], [])


@pytest.mark.parametrize("treat", [silent, trickling])
@pytest.mark.parametrize("turn_s", [0.1, -1.0], ids=["has time", "has no time left"])
def test_a_page_that_takes_its_time_holds_the_site_up_for_a_deadline(
    database: Database, treat: object, turn_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_titles, "DEADLINE_S", 0.5)
    with closing(SlowServer(treat)) as slow:  # type: ignore[arg-type]
        with database.write() as conn:
            site = add_site(conn, "The Herald", origins=(slow.url.removesuffix("/hook"),))
        for number in range(3):
            make(database, site, slow.url, f"a-{number}")
        began = time.monotonic()

        turn = Courier(database, Sender(30, allow_private=True), turn_s=turn_s, now=WallClock()).deliver(site.id)

        assert time.monotonic() - began < 5
        assert (turn.is_more, sorted(waiting(database))) == (True, [0, 0, 1])


def test_a_page_without_end_is_read_to_its_head(database: Database) -> None:
    with closing(SlowServer(babbling)) as endless:
        with database.write() as conn:
            site = add_site(conn, "The Herald", origins=(endless.url.removesuffix("/hook"),))
        make(database, site, endless.url)

        Courier(database, Sender(30, allow_private=True), now=WallClock()).deliver(site.id)

        assert waiting(database) == []


def test_a_title_that_the_site_gives_meanwhile_stays(
    courier: Courier, news: News, database: Database, site: Site
) -> None:
    news.pages["/ferry"] = (200, {}, FERRY)
    make(database, site, f"{news.url}/ferry", title="Ours")

    courier.deliver(site.id)

    assert (title(database, site), news.asked, waiting(database)) == ("Ours", [], [])
