"""Finds comments that Redis has lost. The database is the truth: a waiting comment that no queue knows is enqueued
again, one that has failed at every attempt goes to a person, and events that are due are sent.

Several may run. One holds the lease and sweeps; another takes over when it is gone. If two sweep at once, their work
still counts only once.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from redis.exceptions import RedisError
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.database.paging import pages
from moderation.ground.environment.clock import utc_now
from moderation.ground.jobs.jobs import LANES, Queues
from moderation.ground.monitoring.instruments import instruments
from moderation.law.modes.starting import note_ends
from moderation.moderators.authors import taking_measures as author_measures
from moderation.operations.alerts import rows as alerts
from moderation.operations.operating.vitals import SWEEPER
from moderation.pipeline.outages import decide_late
from moderation.pipeline.rescoring.rescoring import enqueue_due
from moderation.pipeline.second_opinions.reading import give_up_late
from moderation.pipeline.settling.judgements import give_up
from moderation.pipeline.waiting import rows as waiting
from moderation.spine.articles import untitled_rows as untitled
from moderation.spine.comments import rows as comments
from moderation.spine.events import coral_rows as coral_comments
from moderation.spine.events import rows as events
from moderation.spine.second_readings import rows as readings
from moderation.spine.second_readings import trial_rows as trials

PAGE = 1_000
RELEASE_INTERVAL_S = 1.0
LEASE_S = 15.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """The result of one sweep."""

    looked_at: int = 0
    enqueued: int = 0
    given_up: int = 0
    rescored: int = 0  # enqueued to be scored again


class Sweeper:
    def __init__(
        self, database: Database, queues: Queues, *, age_s: float, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.database = database
        self.queues = queues
        self.age = timedelta(seconds=age_s)
        self.now = now
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def sweep(self) -> Swept:
        """Looks, page by page, at every comment that has waited longer than the age. Raises RedisError if Redis does
        not answer."""
        before = self.now() - self.age
        total = Swept()

        def read(conn: Connection, after: tuple[datetime, str] | None) -> list[tuple[str, str, datetime]]:
            return waiting.since_before(conn, before, after=after, limit=PAGE)

        for page in pages(self.database, read, lambda row: (row[2], row[0]), size=PAGE):
            swept = self._sweep_page([(comment_id, lane) for comment_id, lane, _ in page])
            total = Swept(*(a + b for a, b in zip(astuple(total), astuple(swept), strict=True)))
        total = replace(total, rescored=enqueue_due(self.database, self.queues, now=self.now()))
        self._note(total)
        return total

    def decide_late(self) -> int:
        """Decides comments that have waited longer than their site's patience. It needs no Redis, which may be what is
        down."""
        late = decide_late(self.database, now=self.now())
        if late:
            log.warning("scoring is down: decided %d comments without scores", len(late))
            instruments().swept.labels("late").inc(len(late))
        return len(late)

    def end_marks(self) -> int:
        """Ends the marks on authors whose time is over, and returns the number of sites that will hear of one."""
        return len(author_measures.end_marks(self.database, now=self.now()))

    def note_ended_modes(self) -> int:
        """Notes in the audit trail which modes for breaking news have ended by themselves, and returns their number."""
        return note_ends(self.database, now=self.now())

    def _sweep_page(self, page: list[tuple[str, str]]) -> Swept:
        # The rows were read before the queue, so a comment that has left its queue since was decided, not lost
        known = self.queues.known_ids()
        failed = self.queues.failed_ids() - known
        dead = [comment_id for comment_id, _ in page if comment_id in failed]
        lost = [(comment_id, lane) for comment_id, lane in page if comment_id not in known | failed]
        given_up = give_up(self.database, dead, now=self.now(), detail="every attempt to score it failed")
        with self.database.read() as conn:
            costs = comments.costs_of(conn, [comment_id for comment_id, _ in lost])
        by_lane = {lane: {id: costs.get(id) for id, own in lost if own == lane} for lane in LANES}
        enqueued = sum(self.queues.score_all(lane, some) for lane, some in by_lane.items())
        if lost or given_up:
            log.warning("swept: %d enqueued again, %d sent to a person", enqueued, len(given_up))
        return Swept(len(page), enqueued, len(given_up))

    def take_lead(self, *, for_s: float) -> bool:
        """Whether this sweeper is the one that sweeps for the next ``for_s`` seconds."""
        now = self.now()
        with self.database.write() as conn:
            return leases.take(conn, SWEEPER, self.name, until=now + timedelta(seconds=for_s), now=now)

    def give_up_lead(self) -> None:
        """Lets another sweeper take over at once."""
        with self.database.write() as conn:
            leases.give_back(conn, SWEEPER, self.name, now=self.now())

    def _note(self, swept: Swept) -> None:
        counted = instruments()
        counted.sweeps.inc()
        for kind, count in asdict(swept).items():
            counted.swept.labels(kind).inc(count)
        with self.database.write() as conn:
            leases.note(conn, SWEEPER, self.name, asdict(swept), now=self.now())

    def send_due_events(self) -> int:
        """Releases events that are due and enqueues deliveries. Returns the number of sites."""
        now = self.now()
        with self.database.read() as conn:
            releasing = events.sites_with_due_events(conn, now)
        for site_id in releasing:
            with self.database.write() as conn:
                events.release_due(conn, site_id, now=now)
        with self.database.read() as conn:
            due = (store.sites_with_due(conn, now) for store in (coral_comments, alerts, untitled))
            delivering = sorted({*events.sites_with_deliveries(conn, now), *chain.from_iterable(due)})
        for site_id in delivering:
            self.queues.deliver(site_id)
        return len(delivering)

    def ask_second_readers(self) -> int:
        """Enqueues turns of the sites whose second readers are to read comments or have a trial, and lets no comment
        wait for an answer longer than its site says. Returns the number of sites."""
        now = self.now()
        with self.database.read() as conn:
            reading = sorted({*readings.sites_with_due(conn, now), *trials.sites_with_due(conn, now)})
            late = readings.late(conn, now=now, limit=PAGE)
        for site_id in reading:
            self.queues.read(site_id)
        for asked in late:
            give_up_late(self.database, asked, now=now)
            self.queues.score(asked.comment_id, asked.lane)
        return len(reading)


def run(
    sweeper: Sweeper,
    *,
    interval_s: float,
    beat: Callable[[], None] = lambda: None,
    daily: Sequence[Callable[[], None]] = (),
) -> None:
    """Sweeps until SIGTERM or SIGINT, and calls ``beat`` on every round.

    If the database or the queue does not answer, it logs that and tries again.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    next_sweep = lead_until = 0.0
    while not stop.is_set():
        beat()
        try:
            if time.monotonic() > lead_until - LEASE_S / 2:  # renewed after half the time
                lead_until = time.monotonic() + LEASE_S if sweeper.take_lead(for_s=LEASE_S) else 0.0
            if lead_until:
                for step in daily:
                    _do_daily(step)
                sweeper.send_due_events()
                sweeper.ask_second_readers()
                if time.monotonic() >= next_sweep:
                    next_sweep = time.monotonic() + interval_s
                    sweeper.end_marks()
                    sweeper.note_ended_modes()
                    sweeper.decide_late()
                    sweeper.sweep()
        except (RedisError, SQLAlchemyError) as e:
            log.error("could not sweep, trying again: %s", e)
        stop.wait(min(RELEASE_INTERVAL_S, interval_s))
    with suppress(SQLAlchemyError):
        sweeper.give_up_lead()


def _do_daily(step: Callable[[], None]) -> None:
    """Before the rest, because it needs no Redis. Its errors, of any kind, do not keep events and comments waiting."""
    try:
        step()
    except (SQLAlchemyError, OSError) as e:
        log.error("could not do the daily work, trying again: %s", e)
    except Exception:
        log.exception("could not do the daily work, trying again")
