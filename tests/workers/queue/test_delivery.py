"""Webhooks to a real receiver on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta

import pytest
import sqlalchemy as sa

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.ground.webhooks.sending import Sender, WebhookAnswer
from moderation.pipeline.waiting import rows as waiting
from moderation.sites import rows as sites
from moderation.sites import sites as settings
from moderation.sites import webhook_rows as webhook_failures
from moderation.sites.rows import Site
from moderation.sites.settings.values import SiteSettings
from moderation.sites.webhook_rows import Failure
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Move
from moderation.spine.events import rows as event_store
from moderation.spine.events.tables import events
from tests.builders import NOON, OPERATOR
from tests.clock import WallClock
from tests.moderation.conftest import Newsroom, add_site
from tests.receivers import Receiver, SlowServer, silent
from workers.queue.delivery import RETRY_AFTER, Courier, SiteTurn, lease_of

SECRET = "whsec_" + base64.b64encode(b"a secret of the site's own").decode()


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
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def courier(database: Database, clock: WallClock) -> Courier:
    return Courier(database, Sender(2, allow_private=True), now=clock)


def publish(newsroom: Newsroom, text: str, *, hold_s: float = 0) -> None:
    comment = newsroom.post(text).comment
    with newsroom.database.write() as conn:
        due_at = NOON + timedelta(seconds=hold_s)
        move = Move(comment, CommentStatus.PUBLISHED, due_at, DecidedBy.API)
        record(conn, move, now=NOON)


def kept(database: Database) -> list[sa.Row[tuple[object, ...]]]:
    with database.read() as conn:
        return list(conn.execute(sa.select(events).order_by(events.c.sequence)))


def test_events_arrive_in_order_with_a_signature_that_checks(
    newsroom: Newsroom, courier: Courier, receiver: Receiver
) -> None:
    for number in range(3):
        publish(newsroom, f"Number {number}.")

    taken = courier.deliver(newsroom.site.id).taken

    assert taken == 3
    assert [event["sequence"] for event in receiver.events] == [1, 2, 3]
    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
    assert receiver.events[0]["type"] == "comment.published"
    assert all(row.delivered_at == NOON and row.next_attempt_at is None for row in kept(newsroom.database))


def test_two_secrets_sign_until_the_old_one_ends(
    newsroom: Newsroom, courier: Courier, receiver: Receiver, clock: WallClock
) -> None:
    site_id, day = newsroom.site.id, timedelta(days=1)
    changed = settings.renew_secret(newsroom.database, site_id, overlap=day, by=OPERATOR, now=NOON)
    renewed = changed.settings.webhook_secret
    assert renewed is not None

    for hours in (0, 23, 25):
        clock.time = NOON + timedelta(hours=hours)
        publish(newsroom, f"After {hours} hours.")
        assert courier.deliver(site_id).taken == 1

    signed = [headers["webhook-signature"].split() for headers, _body in receiver.got]
    expected = [(renewed, SECRET), (renewed, SECRET), (renewed,)]
    assert signed == [
        [signature(secret, headers, body) for secret in secrets]
        for (headers, body), secrets in zip(receiver.got, expected, strict=True)
    ]


def signature(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


def test_nothing_is_sent_twice(newsroom: Newsroom, courier: Courier, receiver: Receiver) -> None:
    publish(newsroom, "Once.")

    courier.deliver(newsroom.site.id)
    again = courier.deliver(newsroom.site.id).taken

    assert again == 0
    assert len(receiver.got) == 1


def test_an_event_on_hold_is_not_sent_before_it_is_due(
    newsroom: Newsroom, courier: Courier, receiver: Receiver, clock: WallClock
) -> None:
    publish(newsroom, "Held.", hold_s=10)

    assert courier.deliver(newsroom.site.id).taken == 0
    clock.time = NOON + timedelta(seconds=10)
    assert courier.deliver(newsroom.site.id).taken == 1

    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [301, 400, 410, 500, 503])
def test_what_the_site_does_not_take_is_sent_again_later(
    newsroom: Newsroom, courier: Courier, receiver: Receiver, clock: WallClock, status: int
) -> None:
    publish(newsroom, "Later.")
    receiver.status = status

    assert courier.deliver(newsroom.site.id).taken == 0
    (row,) = kept(newsroom.database)
    assert (row.attempts, row.last_error) == (1, f"the site answered {status}")
    assert row.next_attempt_at == NOON + RETRY_AFTER[0]

    receiver.status, clock.time = 200, NOON + RETRY_AFTER[0]
    assert courier.deliver(newsroom.site.id).taken == 1


def test_a_site_that_never_answers_is_given_up_in_the_end(
    newsroom: Newsroom, courier: Courier, receiver: Receiver, clock: WallClock
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

    assert courier.deliver(newsroom.site.id).taken == 0
    assert receiver.got == []
    (row,) = kept(newsroom.database)
    assert (row.sequence, row.next_attempt_at) == (1, None)


def test_a_refused_address_is_tried_again_like_any_failure(newsroom: Newsroom, database: Database) -> None:
    publish(newsroom, "Inside.")
    strict = Courier(database, Sender(2, allow_private=False), now=WallClock())

    assert strict.deliver(newsroom.site.id).taken == 0

    (row,) = kept(database)
    assert "Gavel does not call 127.0.0.1" in str(row.last_error)
    with database.read() as conn:
        assert waiting.count_waiting(conn, at_most=5) == 0


def failure_of(newsroom: Newsroom) -> Failure | None:
    with newsroom.database.read() as conn:
        return webhook_failures.find(conn, newsroom.site.id)


def test_the_last_failure_is_kept_until_an_event_arrives(
    newsroom: Newsroom, courier: Courier, receiver: Receiver, clock: WallClock
) -> None:
    publish(newsroom, "Later.")
    receiver.status = 500
    courier.deliver(newsroom.site.id)
    first = failure_of(newsroom)
    receiver.status, clock.time = 503, NOON + RETRY_AFTER[0]
    courier.deliver(newsroom.site.id)
    second = failure_of(newsroom)
    receiver.status, clock.time = 200, clock.time + RETRY_AFTER[1]
    courier.deliver(newsroom.site.id)

    assert first == Failure("the site answered 500", NOON)
    assert second == Failure("the site answered 503", NOON + RETRY_AFTER[0])
    assert failure_of(newsroom) is None


def test_a_webhook_that_was_taken_away_is_no_failure_of_it(newsroom: Newsroom, courier: Courier) -> None:
    publish(newsroom, "Late.")
    with newsroom.database.write() as conn:
        event_store.release_due(conn, newsroom.site.id, now=NOON)
        sites.update_site_settings(conn, newsroom.site.id, SiteSettings())

    assert courier.deliver(newsroom.site.id).taken == 0

    assert failure_of(newsroom) is None
    assert kept(newsroom.database)[0].last_error == "the site has no webhook any more"


def test_one_courier_at_a_time_delivers_to_a_site(newsroom: Newsroom, courier: Courier, receiver: Receiver) -> None:
    publish(newsroom, "Once.")
    until = NOON + timedelta(seconds=12)
    with newsroom.database.write() as conn:
        leases.take(conn, lease_of(newsroom.site.id), "another process", until=until, now=NOON)

    while_held = courier.deliver(newsroom.site.id)
    courier.now = lambda: until + timedelta(seconds=1)  # the other was killed: its lease runs out
    afterwards = courier.deliver(newsroom.site.id)

    assert (while_held, afterwards.taken) == (SiteTurn(), 1)
    with newsroom.database.read() as conn:
        assert leases.find(conn, lease_of(newsroom.site.id)) is None


def test_a_courier_that_has_lost_the_site_sends_no_more(
    newsroom: Newsroom, courier: Courier, receiver: Receiver
) -> None:
    """It was stopped for longer than its lease while it waited for an answer."""
    for number in range(3):
        publish(newsroom, f"Number {number}.")
    late = NOON + timedelta(minutes=5)

    class Stopped(Sender):
        def post(self, url: str, body: bytes, headers: Mapping[str, str], *, reads: int = 0) -> WebhookAnswer:
            until = late + timedelta(seconds=12)
            with newsroom.database.write() as conn:
                assert leases.take(conn, lease_of(newsroom.site.id), "another process", until=until, now=late)
            courier.now = lambda: late
            return Sender.post(self, url, body, headers)

    courier.sender = Stopped(2, allow_private=True)

    turn = courier.deliver(newsroom.site.id)

    assert (turn.taken, turn.is_more) == (1, False)
    assert len(receiver.got) == 1


def test_a_turn_ends_when_its_time_is_up_and_the_next_goes_on_in_order(
    newsroom: Newsroom, database: Database, receiver: Receiver, clock: WallClock
) -> None:
    for number in range(3):
        publish(newsroom, f"Number {number}.")
    courier = Courier(database, Sender(2, allow_private=True), turn_s=0, now=clock)

    turns = [courier.deliver(newsroom.site.id) for _ in range(4)]

    assert [turn.taken for turn in turns] == [1, 1, 1, 0]
    assert [turn.is_more for turn in turns] == [True, True, True, False]
    assert [event["sequence"] for event in receiver.events] == [1, 2, 3]


def test_a_site_that_does_not_answer_has_one_attempt_a_turn(newsroom: Newsroom, database: Database) -> None:
    for number in range(3):
        publish(newsroom, f"Number {number}.")
    with closing(SlowServer(silent)) as server:
        with database.write() as conn:
            settings = SiteSettings(webhook_url=server.url, webhook_secret=SECRET)
            sites.update_site_settings(conn, newsroom.site.id, settings)
        courier = Courier(database, Sender(0.3, allow_private=True), now=WallClock())

        turn = courier.deliver(newsroom.site.id)

    assert turn == SiteTurn(0, is_slow=True, is_more=True)
    assert [row.attempts for row in kept(database)] == [1, 0, 0]
    assert failure_of(newsroom) == Failure("the site did not answer within 0.3 seconds", NOON)
