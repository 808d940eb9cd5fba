from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from moderation.arriving import intake
from moderation.arriving.fairness import LEAST, ONE_CORE_PER_S, Load, Shares, is_worth_waiting, lane_for
from moderation.arriving.submission import Submission
from moderation.comments.tables import comments
from moderation.database.engine import Database
from moderation.jobs.jobs import LANES, Queues
from moderation.sites.rows import Site
from moderation.text.reading_cost import MOST_PIECES, cost_of
from moderation.values.comments import Lane
from tests.builders import NOON
from tests.moderation.conftest import add_site
from tests.statements import Asked
from workers.queue.batch_worker import BatchResult, BatchWorker

BUSY = 20_000  # what is decided in a second costs, in pieces
OWN = 80  # what a comment costs as most are


def a_load(*, herald: int = 0, courier: int = 0, sites: int = 2, pace: float = BUSY, oldest_s: float = 0) -> Load:
    waiting = {"herald": herald, "courier": courier}
    return Load({site: count for site, count in waiting.items() if count}, sites, pace, oldest_s)


@pytest.mark.parametrize(
    ("load", "lane"),
    [
        (a_load(herald=0), Lane.LIVE),
        (a_load(herald=BUSY - OWN), Lane.LIVE),  # a second's work, all for the one site that is busy
        (a_load(herald=BUSY - OWN + 1), Lane.BULK),
        (a_load(herald=BUSY // 2 - OWN, courier=1), Lane.LIVE),  # two busy sites share it
        (a_load(herald=BUSY // 2 - OWN + 1, courier=1), Lane.BULK),
        (a_load(herald=LEAST - OWN, pace=0), Lane.LIVE),  # nothing decided lately: a quiet night, or workers are down
        (a_load(herald=LEAST - OWN + 1, pace=0), Lane.BULK),
        (a_load(herald=1_000_000, sites=1), Lane.LIVE),  # alone
        (a_load(courier=1_000_000), Lane.LIVE),  # the other site's flood is not ours
    ],
)
def test_a_site_keeps_its_lane_up_to_its_share(load: Load, lane: Lane) -> None:
    assert lane_for("herald", Lane.LIVE, load, OWN) is lane


def test_comments_sent_in_bulk_stay_there() -> None:
    assert lane_for("herald", Lane.BULK, a_load(), OWN) is Lane.BULK


def test_one_comment_dearer_than_a_share_is_no_flood() -> None:
    assert lane_for("herald", Lane.LIVE, a_load(pace=0), LEAST + 1) is Lane.LIVE
    assert lane_for("herald", Lane.LIVE, a_load(herald=1, pace=0), LEAST + 1) is Lane.BULK


@pytest.mark.parametrize(
    ("load", "is_worth"),
    [
        (a_load(), True),
        (a_load(pace=0), True),  # a quiet night
        (a_load(herald=3, pace=0, oldest_s=3), True),
        (a_load(herald=3, pace=0, oldest_s=3.1), False),  # nobody decides
        (a_load(herald=3, pace=1, oldest_s=60), True),  # one that is tried again holds up nobody
        (a_load(herald=3 * BUSY), True),
        (a_load(herald=3 * BUSY + 1), False),
        (a_load(herald=LEAST, pace=1, oldest_s=3.1), True),
        (a_load(herald=LEAST + 1, pace=1, oldest_s=3.1), False),
        (a_load(herald=3 * ONE_CORE_PER_S, pace=0), True),  # just after a start
        (a_load(herald=3 * ONE_CORE_PER_S + 1, pace=0), False),
        (a_load(herald=3 * ONE_CORE_PER_S, pace=1, oldest_s=3), True),  # after a quiet spell
        (a_load(herald=LEAST + 1, pace=0, oldest_s=3.1), False),
    ],
)
def test_a_reply_is_held_while_a_decision_in_time_can_be_expected(load: Load, is_worth: bool) -> None:
    assert is_worth_waiting(3, load) is is_worth


def test_comments_accepted_since_the_last_look_count(database: Database) -> None:
    with database.write() as conn:
        herald = add_site(conn, "The Herald")
        add_site(conn, "The Courier")
    shares = Shares(database)
    shares.load(now=NOON)

    for _ in range(2):
        shares.take(herald.id, Lane.LIVE, MOST_PIECES, now=NOON)

    assert shares.take(herald.id, Lane.LIVE, MOST_PIECES, now=NOON) is Lane.BULK
    assert shares.load(now=NOON).waiting == {herald.id: LEAST}  # the bulk lane is in nobody's way


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_the_comments_of_a_single_site_are_not_counted(database: Database) -> None:
    with database.write() as conn:
        herald = add_site(conn, "The Herald")
    shares, asked = Shares(database, Clock()), Asked(database)

    with asked.listening():
        lanes = {shares.take(herald.id, Lane.LIVE, MOST_PIECES, now=NOON) for _ in range(3)}

    assert lanes == {Lane.LIVE}
    assert len(asked.statements) == 1 and "comments" not in asked.statements[0][0]


def test_what_a_single_site_sent_is_forgotten_after_a_second(database: Database) -> None:
    """Else a reply would not be held for a decision while another thread looks."""
    with database.write() as conn:
        herald = add_site(conn, "The Herald")
    clock = Clock()
    shares = Shares(database, clock)
    for _ in range(5_000):
        shares.take(herald.id, Lane.LIVE, MOST_PIECES, now=NOON)

    clock.now_s += 1
    shares.take(herald.id, Lane.LIVE, MOST_PIECES, now=NOON)
    with shares._lock:
        load = shares.load(now=NOON)

    assert load.waiting == {herald.id: MOST_PIECES}
    assert is_worth_waiting(10, load)


def test_the_first_comments_after_a_start_are_all_worth_waiting_for(database: Database) -> None:
    """Twelve of the dearest, one after the other: none of them is decided at the first look."""
    with database.write() as conn:
        herald = add_site(conn, "The Herald")
    shares = Shares(database, Clock())

    held = []
    for _ in range(12):
        held.append(shares.is_worth_waiting(3, now=NOON))
        shares.take(herald.id, Lane.INTERACTIVE, MOST_PIECES, now=NOON)

    assert held == [True] * 12


def test_a_second_site_has_its_share_within_a_second(database: Database) -> None:
    with database.write() as conn:
        herald = add_site(conn, "The Herald")
    clock = Clock()
    shares = Shares(database, clock)
    shares.take(herald.id, Lane.LIVE, MOST_PIECES, now=NOON)
    with database.write() as conn:
        add_site(conn, "The Courier")

    clock.now_s += 1
    lanes = [shares.take(herald.id, Lane.LIVE, MOST_PIECES, now=NOON) for _ in range(3)]

    assert lanes == [Lane.LIVE, Lane.BULK, Lane.BULK]


class Desk:
    """Takes comments as the service does, and remembers in which order a worker came to them."""

    def __init__(self, database: Database, queues: Queues, redis: Redis) -> None:
        self.database, self.queues, self.redis = database, queues, redis
        self.shares = Shares(database)
        self.order: list[str] = []

    def post(self, site: Site, number: int, text: str | None = None) -> None:
        said = Submission("a-1", "u-1", text or f"Number {number} has something to say.")
        lane = self.shares.take(site.id, Lane.LIVE, cost_of(said.text), now=NOON)
        now = NOON + timedelta(milliseconds=number)
        intake.submit(self.database, self.queues, site.id, said, lane=lane, now=now)

    def work(self) -> None:
        lanes = [Queue(lane, connection=self.redis, serializer=JSONSerializer) for lane in LANES]
        worker = BatchWorker(
            lanes,
            run_batch=self._run,
            max_batch=16,
            batch_timeout_s=5,
            connection=self.redis,
            serializer=JSONSerializer,
            log_job_description=False,
        )
        worker.work(burst=True, logging_level="WARNING")

    def _run(self, ids: list[str]) -> BatchResult:
        with self.database.read() as conn:
            found = dict(conn.execute(sa.select(comments.c.id, comments.c.site_id).where(comments.c.id.in_(ids))).all())
        self.order += [found[job_id] for job_id in ids]
        return [None] * len(ids)


def test_a_flood_of_one_site_does_not_hold_up_another_sites_comment(
    sqlite_database: Database, queues: Queues, redis: Redis
) -> None:
    with sqlite_database.write() as conn:
        herald, courier = add_site(conn, "The Herald"), add_site(conn, "The Courier")
    desk = Desk(sqlite_database, queues, redis)
    for number in range(400):
        desk.post(herald, number)
    for number in range(400, 403):
        desk.post(courier, number)

    desk.work()

    assert len(desk.order) == 403
    assert max(n for n, site in enumerate(desk.order) if site == courier.id) <= LEAST // cost_of("Number 1 has") + 3


def test_ahead_of_another_sites_comment_one_dear_one_is_read(
    sqlite_database: Database, queues: Queues, redis: Redis
) -> None:
    with sqlite_database.write() as conn:
        herald, courier = add_site(conn, "The Herald"), add_site(conn, "The Courier")
    desk = Desk(sqlite_database, queues, redis)
    dots = "…‥" * 9_950
    for number in range(64):
        desk.post(herald, number, dots)
    for number in range(64, 72):
        desk.post(courier, number)

    desk.work()

    ahead = desk.order.index(courier.id)
    assert ahead == 1, "a site that has nothing waiting may have any one comment there"
    assert desk.order[ahead : ahead + 8] == [courier.id] * 8, "none of them waits behind the rest of the flood"
