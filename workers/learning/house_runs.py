"""One run of learning for one site, from its examples to a version that is kept. One at a time in an installation: a
lease sees to that."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.errors import GavelError
from moderation.insight.learning import examples, house_versions
from moderation.insight.learning import rows as learning
from moderation.judging.signals.house import HOUSE
from moderation.sites.audit.actors import Actor
from workers.learning.house_archive import Progress, see
from workers.learning.house_learning import Learnt, learn
from workers.learning.house_refusals import InUse
from workers.learning.rule_book_trial import objection
from workers.scoring.house.model import pack, unpack
from workers.scoring.scorer import Scorer

LEASE = "learn"
LEASE_FOR = timedelta(minutes=30)  # longer than one step between two looks takes

log = logging.getLogger(__name__)


class AlreadyLearning(GavelError):
    def __init__(self, holder: str) -> None:
        super().__init__(f"another process is learning: {holder}")


@dataclass(frozen=True, slots=True)
class HouseRun:
    """``version`` is None if nothing was kept."""

    learnt: Learnt
    version: int | None


@dataclass(frozen=True, slots=True)
class Learner:
    database: Database
    loaded: Callable[[], Scorer]
    now: Callable[[], datetime]
    by: Actor

    def learn(self, site_id: str, *, dry_run: bool = False, progress: Progress = lambda _done, _all: None) -> HouseRun:
        """Raises AlreadyLearning."""
        with self._lease() as renewed:

            def scored(done: int, every: int) -> None:
                renewed()
                progress(done, every)

            seen = see(self.database, site_id, self.loaded, now=self.now, progress=scored)
            renewed()
            in_use = self._in_use(site_id)
            learnt = learn(seen, now=self.now(), in_use=in_use)
            renewed()
            learnt = self._tried(site_id, learnt, in_use)
        return HouseRun(learnt, None if dry_run else self._kept(site_id, learnt))

    def has_news(self, site_id: str) -> bool:
        """Whether the examples are enough, and others than those of the newest version."""
        with self.database.read() as conn:
            every = examples.of_site(conn, site_id, now=self.now())
        if not examples.readiness(every, now=self.now()).is_enough:
            return False
        newest = house_versions.newest(self.database, site_id)
        return newest is None or newest.report.get("digest") != examples.digest(every)

    def _tried(self, site_id: str, learnt: Learnt, in_use: InUse | None) -> Learnt:
        """A version that is worse by the rule book waits for a lead, as the others that are not offered."""
        if learnt.model is None or learnt.refusal is not None:
            return learnt
        before = in_use.model if in_use else None
        why = objection(self.database, site_id, self.loaded, before, learnt.model, now=self.now())
        return learnt if why is None else replace(learnt, report={**learnt.report, "refusal": why}, refusal=why)

    def _kept(self, site_id: str, learnt: Learnt) -> int | None:
        if learnt.model is None:
            return None
        return house_versions.keep(
            self.database, site_id, pack(learnt.model), learnt.report, by=self.by, now=self.now()
        )

    def _in_use(self, site_id: str) -> InUse | None:
        with self.database.read() as conn:
            row = learning.current_weights(conn, site_id, HOUSE.name)
        if row is None:
            return None
        try:
            model = unpack(row.weights, version=f"{HOUSE.name}@{row.version}")
        except ValueError as e:
            log.warning("learning without regard to what is in use: %s", e)
            return None
        moved = row.report.get("moved") or {"words": ()}  # a lead has seen them and used the version
        accepted = frozenset((*moved["words"], *row.report.get("accepted", ())))
        return InUse(model, datetime.fromisoformat(row.report["learnt_until"]), accepted)

    @contextmanager
    def _lease(self) -> Iterator[Callable[[], None]]:
        holder = f"{socket.gethostname()}:{os.getpid()}"

        def renew() -> None:
            now = self.now()
            with self.database.write() as conn:
                if not leases.take(conn, LEASE, holder, until=now + LEASE_FOR, now=now):
                    held = leases.find(conn, LEASE)
                    raise AlreadyLearning(held.holder if held else "unknown")

        renew()
        try:
            yield renew
        finally:
            with self.database.write() as conn:
                leases.give_back(conn, LEASE, holder, now=self.now())
