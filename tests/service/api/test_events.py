"""The feed: everything once, in order, without gaps, and only what is due."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from flask_openapi3.openapi import OpenAPI

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import DELIVER_QUEUE, Queues
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.sites.sites import NewSite
from moderation.spine.comments import door
from moderation.spine.comments.moves import Move
from moderation.spine.comments.rows import get_comment
from service.context import utc_now
from service.web.places import EXTENSION, Places
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller
from tests.waiting import eventually


def publish(api: Caller, database: Database, site: NewSite, count: int) -> None:
    for number in range(count):
        api.post("/v1/comments", a_body(id=f"c-{number}"))
        settle(database, site.site.id, f"c-{number}")


def settle_once_held(app: OpenAPI, database: Database, site: NewSite, external_id: str) -> None:
    """Decides the comment when a request waits."""
    places: Places = app.extensions[EXTENSION]
    eventually(lambda: places.taken > 0, within_s=30)
    settle(database, site.site.id, external_id)


def test_a_feed_that_is_read_to_its_end_keeps_its_place(api: Caller, database: Database, site: NewSite) -> None:
    publish(api, database, site, 2)

    assert api.get("/v1/events?after=2").json == {"events": [], "next": 2}


@pytest.mark.parametrize("wait", ["", "&wait=20"])
def test_a_cursor_beyond_the_end_is_told_where_the_feed_ends(
    api: Caller, database: Database, site: NewSite, wait: str
) -> None:
    publish(api, database, site, 2)

    response = api.get(f"/v1/events?after=3{wait}")

    assert response.status_code == 409
    assert response.json is not None
    assert response.json["type"] == "urn:gavel:problem:cursor-ahead"
    assert response.json["current"] == {"sequence": 2}


def test_a_site_may_begin_with_what_happens_from_now_on(api: Caller, database: Database, site: NewSite) -> None:
    publish(api, database, site, 2)  # due, and numbered by nobody yet

    begun = api.get("/v1/events?cursor=now").json
    assert begun is not None
    api.delete("/v1/comments/c-0")
    read = api.get(f"/v1/events?after={begun['next']}").json

    assert begun == {"events": [], "next": 2}
    assert read is not None
    assert [(e["sequence"], e["type"]) for e in read["events"]] == [(3, "comment.withdrawn")]


@ON_BOTH
def test_a_held_page_from_now_on_answers_when_something_happens(
    api: Caller, app: OpenAPI, database: Database, site: NewSite
) -> None:
    publish(api, database, site, 1)
    api.post("/v1/comments", a_body(id="later"))
    decided = threading.Thread(target=settle_once_held, args=(app, database, site, "later"))
    decided.start()

    feed = api.get("/v1/events?cursor=now&wait=20").json
    decided.join()

    assert feed is not None
    assert [e["data"]["comment"]["id"] for e in feed["events"]] == ["later"]


def test_the_feed_tells_each_change_with_its_comment(api: Caller, database: Database, site: NewSite) -> None:
    publish(api, database, site, 1)
    api.patch("/v1/comments/c-0", {"text": "A better text."})
    api.delete("/v1/comments/c-0")

    feed = api.get("/v1/events").json

    assert feed is not None
    assert [e["type"] for e in feed["events"]] == ["comment.published", "comment.edited", "comment.withdrawn"]
    assert [e["sequence"] for e in feed["events"]] == [1, 2, 3]
    assert [e["data"]["comment"]["version"] for e in feed["events"]] == [2, 3, 4]
    assert feed["events"][0]["data"]["comment"]["article_id"] == "a-1"
    assert feed["events"][0]["data"]["decision"]["reasons"][0]["signal"] == "toxicity"
    assert feed["next"] == 3


def test_a_site_that_was_away_reads_on_where_it_stopped(api: Caller, database: Database, site: NewSite) -> None:
    publish(api, database, site, 5)

    seen, after = [], 0
    while (page := api.get(f"/v1/events?after={after}&limit=2").json) and page["events"]:
        seen.append([e["data"]["comment"]["id"] for e in page["events"]])
        after = page["next"]

    assert seen == [["c-0", "c-1"], ["c-2", "c-3"], ["c-4"]]
    assert after == 5


def test_a_decision_that_can_still_be_undone_is_not_in_the_feed(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    now = utc_now()
    with database.write() as conn:
        comment = get_comment(conn, site.site.id, "c-1")
        held = Move(comment, CommentStatus.REJECTED, now + timedelta(seconds=60), DecidedBy.MODERATOR)
        door.record(conn, held, now=now)

    before = api.get("/v1/events").json
    api.post("/v1/comments/c-1/decisions", {"action": "publish", "version": 2})
    after = api.get("/v1/events").json

    assert before == {"events": [], "next": 0}
    assert after is not None
    assert [e["type"] for e in after["events"]] == ["comment.rejected", "comment.published"]


@ON_BOTH
def test_a_held_page_answers_when_something_happens(
    api: Caller, app: OpenAPI, database: Database, site: NewSite
) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    decided = threading.Thread(target=settle_once_held, args=(app, database, site, "c-1"))
    decided.start()

    feed = api.get("/v1/events?wait=20").json
    decided.join()

    assert feed is not None
    assert [e["type"] for e in feed["events"]] == ["comment.published"]


def test_a_held_page_ends_empty_when_nothing_happens(api: Caller) -> None:
    before = time.monotonic()

    feed = api.get("/v1/events?wait=1").json

    assert feed == {"events": [], "next": 0}
    assert time.monotonic() - before >= 1


def test_reading_the_feed_sends_the_site_its_webhooks(
    api: Caller, database: Database, queues: Queues, site: NewSite
) -> None:
    publish(api, database, site, 1)
    api.get("/v1/events")
    without = queues.depths()[DELIVER_QUEUE]
    api.put("/v1/site", {"webhook_url": "https://news.example/hook"})
    api.delete("/v1/comments/c-0")

    assert without == 0
    assert queues.depths()[DELIVER_QUEUE] >= 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=-1", "after"),
        ("after=x", "after"),
        (f"after={2**70}", "after"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("wait=31", "wait"),
        ("cursor=then", "cursor"),
        ("cursor=now&after=1", "cursor"),
        ("wait=-1", "wait"),
    ],
)
def test_a_wrong_query_names_its_parameter(api: Caller, query: str, field: str) -> None:
    response = api.get(f"/v1/events?{query}")

    assert response.status_code == 422
    assert problem_fields(response.json) == [field]
