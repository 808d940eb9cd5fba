"""Has a site's comments read by its second readers, in turns as deliveries have: one process at a time serves a site,
for a few seconds, and no transaction is open while a model answers."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.environment.clock import utc_now
from moderation.ground.jobs.jobs import Queues
from moderation.pipeline.second_opinions import replaying, resting
from moderation.pipeline.second_opinions.examining import TrialTurn
from moderation.pipeline.second_opinions.reading import CLAIMED_FOR, ReadingTurn, Terms
from moderation.pipeline.second_opinions.replies import Ask
from moderation.sites import rows as sites
from moderation.sites.rules import rows as rule_books
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import SecondReader
from moderation.spine.second_readings import rows as store
from workers.queue.delivery import SiteTurn

PAGE = 20
TURN_S = 5.0  # for one site, before others have theirs; a call that has begun is finished
SLOW_S = 2.0
HELD_FOR = CLAIMED_FOR + timedelta(seconds=10)

log = logging.getLogger(__name__)


class ReadingCourier:
    def __init__(
        self,
        database: Database,
        queues: Queues,
        ask: Ask,
        *,
        turn_s: float = TURN_S,
        now: Callable[[], datetime] = utc_now,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.database = database
        self.queues = queues
        self.ask = ask
        self.turn_s = turn_s
        self.now = now
        self.is_stopping = is_stopping
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    def deliver(self, site_id: str) -> SiteTurn:
        """Has the comments read that are due, until none is left or the turn is over. If another process serves the
        site, nothing happens."""
        with self.database.write() as conn:
            if not self._hold(conn, site_id):
                return SiteTurn()
        try:
            until = time.monotonic() + self.turn_s
            turn = self._examined(site_id, self._turn(site_id, until), until)
            replaying.end_finished(self.database, site_id, now=self.now())
            return turn
        finally:
            with self.database.write() as conn:
                leases.end(conn, lease_of(site_id), self.holder)

    def _turn(self, site_id: str, until: float) -> SiteTurn:
        with self.database.read() as conn:
            budget = sites.get_site(conn, site_id).settings.second_reader_budget
            known = {reader.id: reader for reader in readers.of_site(conn, site_id)}
            book = rule_books.read(conn, site_id)
        turn = ReadingTurn(self.database, Terms(known, book, budget), self.ask, self.now)
        self._let_rest(known.values())
        taken, is_slow = 0, False
        while True:
            with self.database.read() as conn:
                due = store.due(conn, site_id, now=self.now(), limit=PAGE)
            if not due:
                return SiteTurn(taken, is_slow)
            for reading in due:
                started = time.monotonic()
                taken += turn.read(reading)
                is_slow = is_slow or time.monotonic() - started > SLOW_S
                if reading.decide_by is not None:  # publishing waited for it
                    self.queues.score(reading.comment_id, reading.lane)
                if not self._holds_on(site_id) or self.is_stopping() or time.monotonic() > until:
                    return SiteTurn(taken, is_slow, is_more=True)

    def _examined(self, site_id: str, read: SiteTurn, until: float) -> SiteTurn:
        """Asks questions of a trial in what is left of the turn, and one in any case."""
        trial, taken = TrialTurn(self.database, self.ask, self.now), 0
        while not self.is_stopping() and self._holds_on(site_id) and trial.step(site_id):
            taken += 1
            if time.monotonic() > until:
                return SiteTurn(read.taken + taken, read.is_slow, is_more=True)
        return replace(read, taken=read.taken + taken)

    def _let_rest(self, known: Iterable[SecondReader]) -> None:
        """Comments that came while a reader rests wait, too."""
        for reader in known:
            if reader.rests_until is not None and reader.rests(now := self.now()):
                with self.database.write() as conn:
                    resting.put_off(conn, reader.id, until=reader.rests_until, now=now)

    def _holds_on(self, site_id: str) -> bool:
        with self.database.write() as conn:
            return self._hold(conn, site_id)

    def _hold(self, conn: Connection, site_id: str) -> bool:
        """Holds the site for one more call: if the process dies, it is free after that."""
        now = self.now()
        return leases.take(conn, lease_of(site_id), self.holder, until=now + HELD_FOR, now=now)


def lease_of(site_id: str) -> str:
    return f"read:{site_id}"
