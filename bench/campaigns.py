"""A campaign among many other comments: its last copy beside its first ones, the moderator's page, and one decision.

Copies go through the pipeline with scores that cost nothing, one by one, so that the numbers are the database's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import sqlalchemy as sa

from bench import Option, Result, in_ms, percentile, tell
from bench.million.acts import ReadyScorer
from bench.million.filling import Filled, fill
from bench.plant import ChosenKind, Kind, database_url, free_port
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues, connect_for_web
from moderation.ground.values.comments import Lane
from moderation.judging.text.reading_budget import UNLIMITED
from moderation.moderators.campaigns import opening
from moderation.moderators.campaigns import reviewing as campaign_review
from moderation.moderators.campaigns.reviewing import CampaignPart
from moderation.moderators.campaigns.tables import campaigns
from moderation.moderators.review import bulk
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.operations.composition import open_database
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.sites import rows as sites
from moderation.sites.rows import Moderator
from workers.machine import queue_server
from workers.queue.pipeline import Pipeline

TEXT = "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro and a boat"
OTHER = "Nobody asked the readers of this paper before number {} whether they would rather have a bridge or a tunnel {}"
WATCHED = 100  # copies timed one by one, at the beginning and at the end
BATCH = 32
SAID = 5_000  # copies between two lines of progress


@dataclass(frozen=True, slots=True)
class Plan:
    copies: Annotated[int, Option("(default: %(default)s)")] = 100_000
    beside: Annotated[int, Option("other comments (default: %(default)s)")] = 1_000_000
    kind: ChosenKind = Kind.SQLITE


@dataclass
class Bench:
    database: Database
    queues: Queues
    filled: Filled
    sent: int = 0

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(self.database, self.queues, ReadyScorer())  # type: ignore[arg-type]

    def post(self, text: str) -> str:
        self.sent += 1
        submission = Submission(article_id="harbour", author_id=f"account-{self.sent}", text=text)
        site_id, now = self.filled.site_ids[0], datetime.now(UTC)
        return intake.submit(self.database, self.queues, site_id, submission, lane=Lane.LIVE, now=now).id

    def one_by_one(self, count: int, text: Callable[[int], str]) -> list[float]:
        """Seconds of scoring and deciding each, in order of size."""
        taken = []
        for number in range(count):
            id = self.post(text(number))
            started = time.perf_counter()
            self.pipeline.score([id])
            taken.append(time.perf_counter() - started)
        return sorted(taken)

    def many(self, count: int) -> float:
        """Copies in batches; seconds a copy."""
        started = time.perf_counter()
        for first in range(0, count, BATCH):
            self.pipeline.score([self.post(TEXT) for _ in range(min(BATCH, count - first))])
            if first // SAID != (first + BATCH) // SAID:
                tell(f"{self.sent:,} copies are in")
        return (time.perf_counter() - started) / max(1, count)

    def moderator(self) -> Moderator:
        with self.database.read() as conn:
            moderator = sites.find_moderator(conn, email=self.filled.moderators[0])
        assert moderator is not None
        return moderator


def measure(plan: Plan) -> Result:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gavel-bench-", ignore_cleanup_errors=True)))
        url = stack.enter_context(database_url(plan.kind, folder / "database"))
        server = queue_server.start(folder / "queue", free_port())
        stack.callback(server.stop)
        database = open_database(url)
        stack.callback(database.close)
        filled = fill(database, plan.beside)
        bench = Bench(database, Queues(connect_for_web(server.url)), filled)
        return _result(plan, bench)


def _result(plan: Plan, bench: Bench) -> Result:
    alone = bench.one_by_one(WATCHED, lambda number: OTHER.format(number * 7919, number * 104729))
    first = bench.one_by_one(WATCHED, lambda _n: TEXT)
    mean = bench.many(plan.copies - 2 * WATCHED)
    last = bench.one_by_one(WATCHED, lambda _n: TEXT)
    page, decided, whole, undone = _decision(bench)
    rows = [
        ("a comment that is no copy", *_p50_p95(alone)),
        (f"copies 1 to {WATCHED}", *_p50_p95(first)),
        (f"the last {WATCHED} of {plan.copies:,} copies", *_p50_p95(last)),
        ("the campaign's page: numbers and samples", *_p50_p95(page)),
    ]
    lines = [
        f"{plan.copies:,} copies beside {plan.beside:,} comments on {plan.kind}",
        f"{in_ms(mean)} ms a copy in batches, sent and decided",
        f"one press decides {bulk.MAX_BATCH:,} copies in {decided:.1f} s",
        f"all of them took {whole:.1f} s, and one undo {undone:.1f} s",
    ]
    values: dict[str, Any] = {"plan": {**asdict(plan), "kind": str(plan.kind)}, "alone": alone, "first": first}
    values |= {"last": last, "page": page, "press_s": decided, "all_s": whole, "undo_s": undone, "mean_s": mean}
    return Result(f"campaigns-{plan.kind}", ("", "p50 ms", "p95 ms"), rows, lines, values)


def _p50_p95(ranked: Sequence[float]) -> tuple[str, str]:
    return in_ms(percentile(ranked, 0.5)), in_ms(percentile(ranked, 0.95))


def _decision(bench: Bench) -> tuple[list[float], float, float, float]:
    """Seconds of the page, of the first part, of all parts, and of undoing all."""
    me, db = bench.moderator(), bench.database
    with db.read() as conn:
        query = sa.select(campaigns.c.id).order_by(campaigns.c.copies.desc()).limit(1)
        campaign_id = str(conn.execute(query).scalar_one())
    page = []
    for _ in range(20):
        started = time.perf_counter()
        opened = opening.open_campaign(db, me.roles, campaign_id, UNLIMITED)
        page.append(time.perf_counter() - started)
    part = CampaignPart(ModeratorChoice(Choice.REJECT, 0), opened.until)
    began, parts = time.perf_counter(), []
    while True:
        started = time.perf_counter()
        outcome = campaign_review.decide(db, me, campaign_id, part, now=datetime.now(UTC), hold_s=10)
        parts.append(time.perf_counter() - started)
        if outcome.after is None:
            break
        part = CampaignPart(part.choice, opened.until, after=outcome.after, batch_id=outcome.batch_id)
    whole = time.perf_counter() - began
    tell("all copies are decided")
    started = time.perf_counter()
    while bulk.undo_batch(db, me, outcome.batch_id, now=datetime.now(UTC), hold_s=10).decided:
        pass
    return sorted(page), parts[0], whole, time.perf_counter() - started
