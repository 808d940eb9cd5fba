"""Webhooks to a real receiver on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa

from moderation.deciding.outcomes import record
from moderation.deciding.rulings import Ruling
from moderation.model import Action, DecidedBy
from moderation.schema import events
from moderation.site_settings import SiteSettings
from moderation.store import events as event_store
from moderation.store import sites, waiting
from moderation.store.database import Database
from moderation.store.sites import Site
from tests.builders import NOON
from tests.moderation.conftest import Newsroom, add_site
from workers.queue.delivery import RETRY_AFTER, Courier
from workers.queue.webhook_addresses import AddressRefused, resolve

SECRET = "whsec_" + base64.b64encode(b"a secret of the site's own").decode()


class Receiver:
    """A site's webhook: keeps what it gets and answers as it is told."""

    def __init__(self) -> None:
        receiver = self
        self.status = 204
        self.got: list[tuple[dict[str, str], bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook?from=gavel"

    @property
    def events(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, body in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def site(database: Database, receiver: Receiver) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald", webhook_url=receiver.url, webhook_secret=SECRET)


@pytest.fixture
def newsroom(database: Database, queues: object, site: Site) -> Newsroom:
    return Newsroom(database, queues, site)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def courier(database: Database, clock: Clock) -> Courier:
    return Courier(database, timeout_s=2, allow_private=True, now=clock)


def publish(newsroom: Newsroom, text: str, *, hold_s: float = 0) -> None:
    comment = newsroom.post(text).comment
    with newsroom.database.write() as conn:
        due_at = NOON + timedelta(seconds=hold_s)
        ruling = Ruling(comment, Action.PUBLISH, (), DecidedBy.API, Action.PUBLISH.status, due_at)
        record(conn, ruling, now=NOON)


def kept(database: Database) -> list[sa.Row[tuple[object, ...]]]:
    with database.read() as conn:
        return list(conn.execute(sa.select(events).order_by(events.c.sequence)))


def test_events_arrive_in_order_with_a_signature_that_checks(
    newsroom: Newsroom, courier: Courier, receiver: Receiver
) -> None:
    for number in range(3):
        publish(newsroom, f"Number {number}.")

    taken = courier.deliver(newsroom.site.id)

    assert taken == 3
    assert [event["sequence"] for event in receiver.events] == [1, 2, 3]
    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
    assert receiver.events[0]["type"] == "comment.published"
    assert all(row.delivered_at == NOON and row.next_attempt_at is None for row in kept(newsroom.database))


def test_nothing_is_sent_twice(newsroom: Newsroom, courier: Courier, receiver: Receiver) -> None:
    publish(newsroom, "Once.")

    courier.deliver(newsroom.site.id)
    again = courier.deliver(newsroom.site.id)

    assert again == 0
    assert len(receiver.got) == 1


def test_an_event_on_hold_is_not_sent_before_it_is_due(
    newsroom: Newsroom, courier: Courier, receiver: Receiver, clock: Clock
) -> None:
    publish(newsroom, "Held.", hold_s=10)

    assert courier.deliver(newsroom.site.id) == 0
    clock.time = NOON + timedelta(seconds=10)
    assert courier.deliver(newsroom.site.id) == 1

    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [301, 400, 410, 500, 503])
def test_what_the_site_does_not_take_is_sent_again_later(
    newsroom: Newsroom, courier: Courier, receiver: Receiver, clock: Clock, status: int
) -> None:
    publish(newsroom, "Later.")
    receiver.status = status

    assert courier.deliver(newsroom.site.id) == 0
    (row,) = kept(newsroom.database)
    assert (row.attempts, row.last_error) == (1, f"answered {status}")
    assert row.next_attempt_at == NOON + RETRY_AFTER[0]

    receiver.status, clock.time = 200, NOON + RETRY_AFTER[0]
    assert courier.deliver(newsroom.site.id) == 1


def test_a_site_that_never_answers_is_given_up_in_the_end(
    newsroom: Newsroom, courier: Courier, receiver: Receiver, clock: Clock
) -> None:
    publish(newsroom, "Never.")
    receiver.close()

    for wait in (*RETRY_AFTER, timedelta(0)):
        courier.deliver(newsroom.site.id)
        clock.time += wait

    (row,) = kept(newsroom.database)
    assert row.attempts == len(RETRY_AFTER) + 1
    assert (row.next_attempt_at, row.delivered_at) == (None, None)
    assert row.last_error
    with newsroom.database.read() as conn:
        assert [e.sequence for e in event_store.feed(conn, newsroom.site.id, after=0, limit=5)] == [1]


def test_a_site_without_a_webhook_finds_its_events_in_the_feed_only(
    newsroom: Newsroom, courier: Courier, receiver: Receiver
) -> None:
    with newsroom.database.write() as conn:
        sites.update_site_settings(conn, newsroom.site.id, SiteSettings())
    publish(newsroom, "Quiet.")

    assert courier.deliver(newsroom.site.id) == 0
    assert receiver.got == []
    (row,) = kept(newsroom.database)
    assert (row.sequence, row.next_attempt_at) == (1, None)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/hook",
        "http://localhost:8000/hook",
        "http://[::1]/hook",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0/",
        "ftp://192.0.2.1/",
        "file:///etc/passwd",
        "http://",
        "http://name.invalid/",
    ],
)
def test_addresses_inside_our_own_network_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        resolve(url, allow_private=False)


def test_a_refused_address_is_tried_again_like_any_failure(newsroom: Newsroom, database: Database) -> None:
    publish(newsroom, "Inside.")
    strict = Courier(database, timeout_s=2, allow_private=False, now=Clock())

    assert strict.deliver(newsroom.site.id) == 0

    (row,) = kept(database)
    assert "not a public address" in str(row.last_error)
    with database.read() as conn:
        assert waiting.count_waiting(conn, at_most=5) == 0
