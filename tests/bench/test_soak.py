"""A soak of seconds over everything as it is started for real, and its checks, which can fail."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench.load import Answer, Wire
from bench.soak import soak
from bench.soak.readers import FeedReader
from bench.soak.soak import Plan, look
from bench.soak.traffic import Traffic
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.sites.rows import Site
from moderation.spine.comments.tables import comments, decisions
from moderation.spine.events import rows as event_store
from moderation.spine.events.tables import events
from tests.builders import NOON
from tests.conftest import free_port
from tests.moderation.conftest import add_site
from tests.workers.queue.test_pipeline import WordScorer
from workers.queue.pipeline import Pipeline

EVERYBODY = {"supervisor", "queue", "worker", "answer-1", "answer-2", "sweeper", "deliver", "web-1", "web-2"}


@pytest.mark.chaos
def test_a_short_soak_loses_nothing_and_leaves_its_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENT_HOLD_S", "1")

    result = soak.measure(Plan(minutes=0.06, capacity_s=2, every_s=1), tmp_path)

    assert not result.failed, result.markdown()
    said = [json.loads(line) for line in (tmp_path / "soak-sqlite.jsonl").read_text().splitlines()]
    processes = [line["sample"]["processes"] for line in said if "sample" in line]
    assert processes
    assert {name for held in processes for name in held} >= EVERYBODY
    assert all(held["memory_kib"] > 1_000 for held in processes[-1].values())


class Decided:
    """Two comments that were accepted and decided, and a site that has read both events."""

    def __init__(self, database: Database, queues: Queues, site: Site) -> None:
        self.database, self.site_id = database, site.id
        self.traffic = Traffic(free_port(), "no key")
        self.feed = FeedReader(self.traffic.port, "no key", last=2)
        ids = []
        for number in range(2):
            said = Submission("a-1", f"u-{number}", f"Number {number} is fine.", id=f"s-{number}")
            ids.append(intake.submit(database, queues, site.id, said, lane=Lane.LIVE, now=NOON).id)
            self.traffic.sent += 1
        Pipeline(database, queues, WordScorer(), now=lambda: NOON).score(ids)  # type: ignore[arg-type]

    def failures(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        async def nothing_more(*_args: object, **_more: object) -> int:
            return 0

        monkeypatch.setattr(FeedReader, "read_page", nothing_more)
        monkeypatch.setattr(soak, "TOLD_WITHIN_S", 0)
        checks = asyncio.run(look(self.database, self.traffic.port, "no key", self.traffic, self.feed))
        return list(checks.failures())


@pytest.fixture
def decided(database: Database, queues: Queues) -> Decided:
    with database.write() as conn:
        site = add_site(conn, "The Herald")
    return Decided(database, queues, site)


def test_the_checks_find_what_was_lost_undecided_refused_and_left_out(
    decided: Decided, monkeypatch: pytest.MonkeyPatch
) -> None:
    with decided.database.write() as conn:
        event_store.release_due(conn, decided.site_id, now=NOON)
    assert decided.failures(monkeypatch) == []

    decided.traffic.sent += 2
    decided.traffic.refused[3] = 503
    decided.feed.last, decided.feed.gaps = 1, 1
    with decided.database.write() as conn:
        first = sa.select(comments.c.id).where(comments.c.external_id == "s-0").scalar_subquery()
        conn.execute(events.delete().where(events.c.comment_id == first))
        conn.execute(decisions.delete().where(decisions.c.comment_id == first))

    assert decided.failures(monkeypatch) == [
        "1 accepted comments that are not stored",
        "1 comments whose version no decision made",
        "1 gaps in the feed",
        "1 comments refused",
    ]


class BusyAtFirst(Wire):
    """A service that is too busy for the first call, then has two events, and then no more."""

    answers = (Answer(503, {}, b""), Answer(200, {}, b'{"events": [{"sequence": 1}, {"sequence": 2}]}'),
               Answer(200, {}, b'{"events": []}'))  # fmt: skip

    def __init__(self) -> None:
        super().__init__(free_port())
        self.left = iter(self.answers)

    async def call(self, *_args: object, **_more: object) -> Answer:
        return next(self.left)


def test_a_busy_service_is_not_taken_for_the_end_of_the_feed() -> None:
    feed = FeedReader(free_port(), "no key")

    asyncio.run(feed.read_to_end(BusyAtFirst()))

    assert (feed.last, feed.gaps) == (2, 0)
