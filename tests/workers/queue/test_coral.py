"""Decisions go back to a Coral on loopback that has the part of Coral's GraphQL schema that we use."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.webhooks.sending import Sender
from moderation.moderators.review import api_decisions
from moderation.pipeline.waiting import coral_rows as waiting_for_coral
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.spine.comments.rows import Listed
from moderation.spine.events import coral_rows as store
from moderation.spine.events.coral_rows import FIRST_AFTER
from moderation.spine.events.tables import coral_comments
from tests.builders import NOON
from tests.clock import WallClock
from tests.moderation.conftest import Newsroom, add_site
from workers.queue.delivery import RETRY_AFTER, Courier
from workers.sweeping.sweeper import Sweeper

TEXT = "Ferries & trains:\n\nboth late."
HTML = "<div>Ferries &amp; trains:</div><br><div>both <b>late</b>.</div>"


class Coral:
    """Answers the queries that its schema allows, and keeps what it is asked to do."""

    def __init__(self) -> None:
        coral = self
        self.bodies = {"c-2": HTML, "c-1": HTML}  # the newest first
        self.story = "story-1"
        self.status = 200
        self.errors: list[dict[str, str]] = []
        self.decided: list[tuple[str, str, str]] = []
        self.tokens: set[str | None] = set()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                coral.tokens.add(self.headers["authorization"])
                body = json.dumps(coral.answer(asked) if self.path == "/api/graphql" else {}).encode()
                self.send_response(coral.status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self.errors:
            return {"errors": self.errors, "data": None}
        if mutation := re.match(r"mutation \w+\(\$input: (\w+)!\) \{ (\w+)\(input: \$input\)", asked["query"]):
            kind, name = mutation.groups()
            assert kind == name[0].upper() + name[1:] + "Input"
            said = asked["variables"]["input"]
            self.decided.append((name, said["commentID"], said["commentRevisionID"]))
            assert said["clientMutationId"]
            return {"data": {name: {"comment": {"id": said["commentID"], "status": "APPROVED"}}}}
        assert asked["variables"] == {"author": "author-1"}
        nodes = [
            {"id": one, "body": body, "story": {"id": self.story}, "revision": {"id": f"{one}-r"}}
            for one, body in self.bodies.items()
        ]
        return {"data": {"user": {"allComments": {"edges": [{"node": node} for node in nodes]}}}}


@pytest.fixture
def coral() -> Iterator[Coral]:
    coral = Coral()
    yield coral
    coral.server.shutdown()
    coral.server.server_close()


@pytest.fixture
def site(database: Database, coral: Coral) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald", coral_url=coral.url + "/", coral_token="token-1")


@pytest.fixture
def newsroom(database: Database, queues: Any, site: Site) -> Newsroom:
    return Newsroom(database, queues, site)


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def courier(database: Database, clock: WallClock) -> Courier:
    return Courier(database, Sender(deadline_s=5, allow_private=True), now=clock)


@pytest.fixture
def listed(newsroom: Newsroom, database: Database, site: Site) -> Listed:
    """A comment that Coral sent and that was not decided in time."""
    posted = newsroom.post(TEXT, article_id="story-1", author_id="author-1")
    with database.write() as conn:
        store.insert(conn, posted.comment.id, site.id)
    return posted


def decide(database: Database, listed: Listed, action: Action, version: int = 1, now: datetime = NOON) -> None:
    comment = listed.comment
    api_decisions.rule(database, comment.site_id, comment.external_id, action, version=version, now=now)


def deliver(courier: Courier, site: Site, clock: WallClock) -> None:
    """Releases what is due, and tells Coral once it has given the comment an id."""
    courier.deliver(site.id)
    clock.time += FIRST_AFTER
    courier.deliver(site.id)


def row(database: Database) -> Any:
    with database.read() as conn:
        return conn.execute(sa.select(coral_comments)).one()


@pytest.mark.parametrize(("action", "mutation"), [(Action.PUBLISH, "approveComment"), (Action.REJECT, "rejectComment")])
def test_a_later_decision_goes_back_to_coral(
    courier: Courier,
    coral: Coral,
    database: Database,
    site: Site,
    listed: Listed,
    clock: WallClock,
    action: Action,
    mutation: str,
) -> None:
    decide(database, listed, action)

    courier.deliver(site.id)
    assert coral.decided == []
    deliver(courier, site, clock)
    courier.deliver(site.id)

    assert coral.decided == [(mutation, "c-2", "c-2-r")]
    assert coral.tokens == {"Bearer token-1"}
    told = row(database)
    assert (told.told, told.coral_id, told.next_attempt_at, told.last_error) == (action.status, "c-2", None, None)


@pytest.mark.parametrize(
    "text",
    [f"&#{'9' * 5_000}; is a number", f"1 <a {'<a b' * 4_000}", "Is 3 <b and b> 2?", HTML],
    ids=["a number", "tags", "signs", "HTML"],
)
def test_what_a_stranger_wrote_holds_up_no_decision(
    courier: Courier, coral: Coral, database: Database, site: Site, newsroom: Newsroom, clock: WallClock, text: str
) -> None:
    listed = newsroom.post(text, article_id="story-1", author_id="author-1")
    with database.write() as conn:
        store.insert(conn, listed.comment.id, site.id)
    body = text if text is HTML else f"<div>{escape(text)}</div>"
    coral.bodies = {"c-3": "<a b" * 100_000, "c-2": f"<p>&#{'9' * 5_000};", "c-1": body}
    decide(database, listed, Action.REJECT)

    deliver(courier, site, clock)

    assert coral.decided == [("rejectComment", "c-1", "c-1-r")]


def test_coral_hears_nothing_that_its_answer_said_already(
    courier: Courier, coral: Coral, database: Database, site: Site, listed: Listed, clock: WallClock
) -> None:
    with database.write() as conn:
        store.note_told(conn, listed.comment.id, CommentStatus.PUBLISHED)
    decide(database, listed, Action.PUBLISH)

    deliver(courier, site, clock)

    assert coral.decided == []
    assert row(database).next_attempt_at is None


def test_a_second_decision_is_told_too_and_a_hold_is_not(
    courier: Courier, coral: Coral, database: Database, site: Site, listed: Listed, clock: WallClock
) -> None:
    for version, action in enumerate((Action.PUBLISH, Action.FLAG, Action.REJECT), start=1):
        decide(database, listed, action, version)
        deliver(courier, site, clock)

    assert [name for name, *_ in coral.decided] == ["approveComment", "rejectComment"]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [({"status": 500}, "the site answered 500"), ({"errors": [{"message": "USER_NOT_ENTITLED"}]}, "USER_NOT_ENTITLED"),
     ({"bodies": {}}, "no such comment"), ({"story": "another"}, "no such comment"),
     ({"bodies": {"c-1": "Other words"}}, "no such comment")],
)  # fmt: skip
def test_a_decision_that_coral_does_not_take_is_tried_again(
    courier: Courier,
    coral: Coral,
    database: Database,
    site: Site,
    listed: Listed,
    clock: WallClock,
    trouble: dict[str, Any],
    said: str,
) -> None:
    fine = dict(vars(coral))
    vars(coral).update(trouble)
    decide(database, listed, Action.REJECT)

    deliver(courier, site, clock)

    failed = row(database)
    assert said in failed.last_error
    assert (failed.attempts, failed.next_attempt_at, failed.told) == (1, clock.time + RETRY_AFTER[0], "waiting")
    vars(coral).update({name: fine[name] for name in trouble})
    clock.time = failed.next_attempt_at
    courier.deliver(site.id)
    assert [name for name, *_ in coral.decided] == ["rejectComment"]


def test_a_coral_that_never_answers_is_given_up_after_the_last_attempt(
    courier: Courier, coral: Coral, database: Database, site: Site, listed: Listed, clock: WallClock
) -> None:
    coral.status = 503
    decide(database, listed, Action.REJECT)

    courier.deliver(site.id)
    clock.time += FIRST_AFTER
    for wait in (*RETRY_AFTER, timedelta()):
        courier.deliver(site.id)
        clock.time += wait

    assert row(database).next_attempt_at is None
    assert row(database).attempts == len(RETRY_AFTER) + 1


def test_the_sweeper_sends_the_deliverer_to_a_site_with_a_coral_and_no_webhook(
    database: Database, queues: Any, site: Site, listed: Listed
) -> None:
    decide(database, listed, Action.REJECT)
    now = [NOON]
    sweeper = Sweeper(database, queues, age_s=1, now=lambda: now[0])

    assert sweeper.send_due_events() == 0
    assert row(database).next_attempt_at == NOON + FIRST_AFTER
    now[0] += FIRST_AFTER
    assert sweeper.send_due_events() == 1


def test_a_decision_made_while_another_is_told_is_told_next(database: Database, site: Site, listed: Listed) -> None:
    decide(database, listed, Action.PUBLISH)
    with database.write() as conn:
        store.mark_due(conn, [listed.comment.id], NOON)
    with database.read() as conn:
        (first,) = waiting_for_coral.due(conn, site.id, now=NOON + FIRST_AFTER, limit=5)
    later = NOON + timedelta(seconds=1)
    with database.write() as conn:
        store.mark_due(conn, [listed.comment.id], later)

        store.note_told_later(conn, first, "c-2")

    assert row(database).next_attempt_at == later + FIRST_AFTER


def test_a_failure_leaves_what_the_web_service_noted_meanwhile(database: Database, site: Site, listed: Listed) -> None:
    with database.write() as conn:
        store.mark_due(conn, [listed.comment.id], NOON)
    with database.read() as conn:
        (first,) = waiting_for_coral.due(conn, site.id, now=NOON + FIRST_AFTER, limit=5)
    with database.write() as conn:
        store.note_told(conn, listed.comment.id, CommentStatus.PUBLISHED)

        store.note_failure(conn, first, next_at=None, error="gone")

    assert (row(database).told, row(database).last_error) == ("published", "gone")


def test_two_comments_with_the_same_words_are_two_in_coral(
    courier: Courier, coral: Coral, database: Database, site: Site, newsroom: Newsroom, listed: Listed, clock: WallClock
) -> None:
    again = newsroom.post(TEXT, article_id="story-1", author_id="author-1")
    with database.write() as conn:
        store.insert(conn, again.comment.id, site.id)

    decide(database, again, Action.REJECT)
    deliver(courier, site, clock)
    decide(database, listed, Action.PUBLISH)
    deliver(courier, site, clock)
    decide(database, again, Action.PUBLISH, 2)
    deliver(courier, site, clock)

    assert [(name, coral_id) for name, coral_id, _ in coral.decided] == [
        ("rejectComment", "c-2"), ("approveComment", "c-1"), ("approveComment", "c-2")
    ]  # fmt: skip


def test_a_site_that_forgets_its_coral_is_asked_no_more(
    courier: Courier, database: Database, site: Site, listed: Listed, clock: WallClock
) -> None:
    decide(database, listed, Action.REJECT)
    courier.deliver(site.id)
    with database.write() as conn:
        sites.update_site_settings(conn, site.id, site.settings.changed(coral_token=None))
    clock.time += FIRST_AFTER

    courier.deliver(site.id)

    assert row(database).next_attempt_at is None


def test_a_site_without_a_coral_asks_nobody(courier: Courier, coral: Coral, database: Database, listed: Listed) -> None:
    with database.write() as conn:
        other = add_site(conn, "The Courier")

    courier.deliver(other.id)

    assert coral.tokens == set()
