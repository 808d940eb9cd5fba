from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import LANES, Queues
from moderation.ground.values.comments import Lane
from moderation.ground.values.costs import CHEAP, EACH, is_slow
from moderation.judging.text.reading_cost import MOST_PIECES, cost_of
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.fairness import (
    AHEAD_S,
    LEAST,
    LEAST_OF_SITE,
    ONE_CORE_PER_S,
    Load,
    Shares,
    is_worth_waiting,
    lane_for,
)
from moderation.pipeline.arriving.fitting import ReadArticles
from moderation.pipeline.arriving.submission import Submission
from moderation.sites.rows import Site
from moderation.spine.articles import rows as articles
from moderation.spine.comments.tables import comments
from tests.builders import NOON
from tests.moderation.conftest import add_site
from tests.statements import Asked
from workers.queue.batch_worker import BatchResult, BatchWorker
from workers.sweeping.sweeper import Sweeper

BUSY = 20_000  # what is decided in a second costs, in pieces
AUTHORS = 10
OWN = 80  # what a comment costs as most are


def a_load(*, herald: int = 0, courier: int = 0, sites: int = 2, pace: float = BUSY, oldest_s: float = 0) -> Load:
    waiting = {"herald": herald, "courier": courier}
    return Load({site: count for site, count in waiting.items() if count}, sites, pace, oldest_s)


def slow_load(*, herald: int = 0, courier: int = 0, quick: int = 0, sites: int = 2, pace: float = BUSY) -> Load:
    waiting = {"herald": herald, "courier": courier}
    slow = {site: count for site, count in waiting.items() if count}
    return Load({"herald": quick} if quick else {}, sites, pace, slow=slow)


def room(share: int, cost: int = OWN) -> int:
    """The most that may wait there when a comment of this cost comes in."""
    return int(share * (1 - cost / (2 * CHEAP))) - cost


@pytest.mark.parametrize(
    ("load", "lane"),
    [
        (a_load(herald=0), Lane.LIVE),
        (a_load(herald=room(BUSY)), Lane.LIVE),  # a second's work, all for the one site that is busy
        (a_load(herald=room(BUSY) + 1), Lane.BULK),
        (a_load(herald=room(BUSY // 2), courier=1), Lane.LIVE),  # two busy sites share it
        (a_load(herald=room(BUSY // 2) + 1, courier=1), Lane.BULK),
        (a_load(herald=room(LEAST), pace=0), Lane.LIVE),  # nothing decided lately: a quiet night, or workers are down
        (a_load(herald=room(LEAST) + 1, pace=0), Lane.BULK),
        (a_load(herald=1_000_000, sites=1), Lane.LIVE),  # alone
        (a_load(courier=1_000_000), Lane.LIVE),  # the other site's flood is not ours
    ],
)
def test_a_site_keeps_its_lane_up_to_its_share(load: Load, lane: Lane) -> None:
    assert lane_for("herald", Lane.LIVE, load, OWN) is lane


def test_comments_sent_in_bulk_stay_there() -> None:
    assert lane_for("herald", Lane.BULK, a_load(), OWN) is Lane.BULK


@pytest.mark.parametrize(
    ("load", "lane"),
    [
        (slow_load(), Lane.LIVE),
        (slow_load(quick=BUSY), Lane.LIVE),  # it does not wait among the quick ones
        (slow_load(herald=BUSY - MOST_PIECES), Lane.LIVE),
        (slow_load(herald=BUSY - MOST_PIECES + 1), Lane.BULK),
        (slow_load(herald=BUSY // 2 - MOST_PIECES + 1, courier=1), Lane.BULK),
        (slow_load(courier=1_000_000), Lane.LIVE),
        (slow_load(herald=1_000_000, sites=1), Lane.LIVE),
        (slow_load(herald=1, pace=0), Lane.LIVE),
        (slow_load(herald=LEAST - MOST_PIECES + 1, pace=0), Lane.BULK),
    ],
)
def test_what_is_slow_to_read_has_a_share_of_its_own(load: Load, lane: Lane) -> None:
    assert lane_for("herald", Lane.LIVE, load, MOST_PIECES) is lane


def test_slow_comments_leave_the_quick_ones_their_lane() -> None:
    assert lane_for("herald", Lane.LIVE, slow_load(herald=1_000_000), CHEAP) is Lane.LIVE


def test_one_comment_dearer_than_a_share_is_no_flood() -> None:
    assert lane_for("herald", Lane.LIVE, slow_load(pace=0), 3 * LEAST) is Lane.LIVE
    assert lane_for("herald", Lane.LIVE, slow_load(herald=1, pace=0), 3 * LEAST) is Lane.BULK


def test_comments_just_cheap_enough_leave_room_for_an_ordinary_one() -> None:
    waiting = 0
    while lane_for("herald", Lane.LIVE, a_load(herald=waiting), CHEAP) is Lane.LIVE:
        waiting += CHEAP

    assert BUSY // 2 - CHEAP < waiting <= BUSY // 2
    assert lane_for("herald", Lane.LIVE, a_load(herald=waiting), OWN) is Lane.LIVE


@pytest.mark.parametrize("sites", [1, 3, 10, 20, 100])
@pytest.mark.parametrize("pace", [0, 5_000, 20_000])
@pytest.mark.parametrize("cost", [EACH, OWN, CHEAP - 1, CHEAP])
def test_ahead_of_a_readers_comment_are_a_second_of_work_or_a_little_of_each_flooded_site(
    sites: int, pace: float, cost: int
) -> None:
    waiting: dict[str, int] = {}
    for _ in range(2_000 // sites):
        for number in range(sites):
            if lane_for(f"site-{number}", Lane.LIVE, Load(waiting, sites + 1, pace), cost) is Lane.LIVE:
                waiting[f"site-{number}"] = waiting.get(f"site-{number}", 0) + cost

    assert sum(waiting.values()) <= max(LEAST, pace * AHEAD_S, sites * LEAST_OF_SITE)
    assert lane_for("readers", Lane.LIVE, Load(waiting, sites + 1, pace), cost) is Lane.LIVE


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
        (slow_load(herald=1_000_000, pace=1), True),  # a quick one does not wait for these
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

    for cost in (MOST_PIECES, CHEAP, MOST_PIECES, CHEAP):
        assert shares.take(herald.id, Lane.LIVE, cost, now=NOON) is Lane.LIVE

    assert shares.take(herald.id, Lane.LIVE, MOST_PIECES, now=NOON) is Lane.BULK
    assert shares.load(now=NOON).slow == {herald.id: 2 * MOST_PIECES}  # the bulk lane is in nobody's way
    assert shares.load(now=NOON).waiting == {herald.id: 2 * CHEAP}


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
        shares.take(herald.id, Lane.LIVE, CHEAP, now=NOON)
        shares.take(herald.id, Lane.LIVE, MOST_PIECES, now=NOON)

    clock.now_s += 1
    shares.take(herald.id, Lane.LIVE, CHEAP, now=NOON)
    with shares._lock:
        load = shares.load(now=NOON)

    assert (load.waiting, load.slow) == ({herald.id: CHEAP}, {})
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

    assert lanes == [Lane.LIVE, Lane.LIVE, Lane.BULK], "the first was before the second site"


class Desk:
    """Takes comments as the service does, and remembers in which order a worker came to them."""

    def __init__(self, database: Database, queues: Queues, redis: Redis) -> None:
        self.database, self.queues, self.redis = database, queues, redis
        self.shares = Shares(database)
        self.order: list[str] = []  # by the comments' sites
        self.names: list[str] = []
        self.costs: list[int] = []
        self.meanwhile: Callable[[], object] = lambda: None  # what comes while the first batch is read

    def sites(self, count: int) -> list[Site]:
        with self.database.write() as conn:
            return [add_site(conn, f"The {number}. Herald") for number in range(count)]

    def post(self, site: Site, number: int, text: str | None = None, **more: Any) -> None:
        article, author = more.pop("article_id", "a-1"), f"u-{number % AUTHORS}"
        said = Submission(article, author, text or f"Number {number} has something to say.", id=f"c-{number}", **more)
        now = NOON + timedelta(seconds=61 * number)  # so that no reader's pace holds it up
        fit = self.shares.fit(site.id, now=NOON)
        intake.submit(self.database, self.queues, site.id, said, lane=Lane.LIVE, now=now, fit=fit)

    def edit(self, site: Site, number: int, text: str) -> None:
        fit = self.shares.fit(site.id, now=NOON)
        intake.edit(self.database, self.queues, site.id, f"c-{number}", text, now=NOON, fit=fit)

    def work(self) -> None:
        lanes = [Queue(lane, connection=self.redis, serializer=JSONSerializer) for lane in LANES]
        worker = BatchWorker(
            lanes,
            run_batch=self._run,
            max_batch=64,
            batch_timeout_s=5,
            connection=self.redis,
            serializer=JSONSerializer,
            log_job_description=False,
        )
        worker.work(burst=True, logging_level="WARNING")

    def _run(self, ids: list[str]) -> BatchResult:
        with self.database.read() as conn:
            rows = {row.id: row for row in conn.execute(sa.select(comments).where(comments.c.id.in_(ids)))}
        comes, self.meanwhile = self.meanwhile, lambda: None
        comes()
        self.order += [rows[job_id].site_id for job_id in ids]
        self.names += [rows[job_id].external_id for job_id in ids]
        self.costs += [rows[job_id].cost for job_id in ids]
        return [None] * len(ids)

    def ahead_of(self, site: Site) -> list[int]:
        """The costs of what was read before the site's last comment."""
        last = max(place for place, site_id in enumerate(self.order) if site_id == site.id)
        return [cost for cost, site_id in zip(self.costs[:last], self.order[:last], strict=True) if site_id != site.id]


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


@pytest.fixture
def desk(sqlite_database: Database, queues: Queues, redis: Redis) -> Desk:
    return Desk(sqlite_database, queues, redis)


DOTS = "…‥" * 9_950
LINKS = " ".join(f"https://a{n}.example.com/{n}?x={n}" for n in range(450))
JUST_SLOW = "It is said. " * 75
JUST_CHEAP = "It is said. " * 60


@pytest.mark.parametrize("flooded", [1, 3, 10, 20])
@pytest.mark.parametrize("text", [DOTS, LINKS, JUST_SLOW], ids=["dots", "links", "just above the bound"])
def test_no_dear_comment_of_any_flooded_site_is_read_before_another_sites_readers(
    desk: Desk, flooded: int, text: str
) -> None:
    sites = desk.sites(flooded + 1)
    for number in range(60):
        desk.post(sites[number % flooded], number, text[:19_900])
    for number in range(60, 68):
        desk.post(sites[-1], number)

    desk.work()

    assert is_slow(max(desk.costs)) and len(desk.order) == 68
    assert desk.ahead_of(sites[-1]) == []


def test_ahead_of_another_sites_comment_one_dear_one_is_read(desk: Desk) -> None:
    """One whose reading had begun when it came."""
    herald, courier = desk.sites(2)
    for number in range(20):
        desk.post(herald, number, DOTS)

    def readers_come() -> None:
        for number in range(20, 28):
            desk.post(courier, number)

    desk.meanwhile = readers_come

    desk.work()

    assert desk.order[:9] == [herald.id, *[courier.id] * 8]
    assert len(desk.order) == 28


@pytest.mark.parametrize("flooded", [1, 3, 10, 20])
def test_comments_just_below_the_bound_are_one_of_each_flooded_site_ahead(desk: Desk, flooded: int) -> None:
    sites = desk.sites(flooded + 1)
    for number in range(200):
        desk.post(sites[number % flooded], number, JUST_CHEAP)
    for number in range(200, 208):
        desk.post(sites[-1], number)

    desk.work()

    assert CHEAP * 0.9 < cost_of(JUST_CHEAP) <= CHEAP
    assert sum(desk.ahead_of(sites[-1])) <= max(LEAST, flooded * CHEAP)


@pytest.mark.parametrize("sites", [1, 2])
def test_within_a_site_an_ordinary_comment_is_read_before_a_strangers_dear_ones(desk: Desk, sites: int) -> None:
    herald = desk.sites(sites)[0]
    for number in range(40):
        desk.post(herald, number, LINKS[:19_900])
    for number in range(40, 48):
        desk.post(herald, number)

    desk.work()

    assert desk.names[:8] == [f"c-{number}" for number in range(40, 48)]
    assert len(desk.names) == 48


def test_the_cost_of_an_article_and_of_the_comment_that_is_answered_counts_for_the_lane(desk: Desk) -> None:
    herald, courier = desk.sites(2)
    desk.post(herald, 0, DOTS)
    long = "This is prose about the ferry, and it goes on. " * 400
    for number in range(1, 20):
        desk.post(herald, number, article=(("text", f"{number} {long}"),))
    for number in range(20, 40):
        desk.post(herald, number, parent_id="c-0")
    for number in range(40, 48):
        desk.post(courier, number)

    desk.work()

    assert desk.ahead_of(courier) == []


def test_comments_under_long_articles_that_nobody_read_lately_wait_behind_what_is_cheap(desk: Desk) -> None:
    """A stranger goes through the archive. Each short comment has a worker read another article."""
    herald, courier = desk.sites(2)
    with desk.database.write() as conn:
        for number in range(40):
            article = {"text": f"{number} This is prose about the ferry, and it goes on. " * 400}
            articles.insert_article(conn, herald.id, f"old-{number}", article, now=NOON)
    for number in range(20):
        desk.post(herald, number, article_id=f"old-{number}")
    for number in range(20, 28):
        desk.post(courier, number)
    desk.work()
    assert desk.ahead_of(courier) == []
    desk.costs.clear()

    for number in range(28, 48):
        desk.post(herald, number, article_id=f"old-{number - 28}")
    with desk.database.write() as conn:
        for number in range(20):
            place = articles.get_article(conn, herald.id, f"old-{number}").id
            articles.update_article(conn, place, {"text": "Changed. " * 2_000}, now=NOON + timedelta(hours=1))
    for number in range(48, 68):
        desk.post(herald, number, article_id=f"old-{number - 48}")
    for number in range(68, 88):
        desk.post(herald, number, article_id=f"old-{number - 68}")
    desk.work()

    assert sorted(is_slow(cost) for cost in desk.costs) == [False] * 40 + [True] * 20, "once for each new text"


def test_an_edit_under_an_article_that_nobody_read_lately_counts_it(desk: Desk) -> None:
    (herald,) = desk.sites(1)
    long = "This is prose about the ferry, and it goes on. " * 400
    desk.post(herald, 0, article=(("text", long),))
    desk.edit(herald, 0, "It is short.")
    desk.shares.articles = ReadArticles()
    desk.post(herald, 1, parent_id="c-0")
    desk.shares.articles = ReadArticles()
    desk.edit(herald, 1, "It is short as well.")

    with desk.database.read() as conn:
        costs = dict(conn.execute(sa.select(comments.c.external_id, comments.c.cost)).all())

    assert not is_slow(costs["c-0"])
    assert is_slow(costs["c-1"])


def test_an_edit_to_a_dear_text_and_a_sweep_wait_behind_what_is_cheap(desk: Desk, redis: Redis, queues: Queues) -> None:
    herald, courier = desk.sites(2)
    for number in range(20):
        desk.post(herald, number)
    redis.flushall()
    for number in range(20):
        desk.edit(herald, number, DOTS)
    for number in range(20, 28):
        desk.post(courier, number)
    redis.flushall()

    Sweeper(desk.database, queues, age_s=60, now=lambda: NOON + timedelta(days=1)).sweep()
    desk.work()

    assert len(desk.order) == 28
    assert desk.ahead_of(courier) == []
