"""The learnt weights of each site, kept for a few seconds, so that workers take up a new version by themselves."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from moderation.signals.model_signals import SPAM
from moderation.store import learning
from workers.scoring.site_ngrams import SiteNGrams, unpack

log = logging.getLogger(__name__)

FRESH_S = 5.0


@dataclass(frozen=True, slots=True)
class Kept:
    version: int | None
    weights: SiteNGrams | None
    until: float


class SiteWeights:
    """``model`` is the version of the spam model in use. Weights that were learnt on another one do not fit it."""

    def __init__(self, model: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._model = model
        self._clock = clock
        self._kept: dict[str, Kept] = {}

    def read(self, conn: Connection, site_ids: Iterable[str]) -> None:
        """Looks for a new version of each site whose last look is more than ``FRESH_S`` old."""
        until = self._clock() + FRESH_S
        for site_id in self.stale(site_ids):
            self._kept[site_id] = self._look(conn, site_id, self._kept.get(site_id), until)

    def stale(self, site_ids: Iterable[str]) -> list[str]:
        """The sites whose last look is more than ``FRESH_S`` old."""
        now = self._clock()
        known = ((site_id, self._kept.get(site_id)) for site_id in site_ids)
        return [site_id for site_id, kept in known if kept is None or now >= kept.until]

    def keep(self, site_ids: Iterable[str]) -> None:
        """Leaves these sites as they are for another ``FRESH_S``."""
        until = self._clock() + FRESH_S
        for site_id in site_ids:
            kept = self._kept.get(site_id)
            self._kept[site_id] = Kept(None, None, until) if kept is None else replace(kept, until=until)

    def of(self, site_id: str) -> SiteNGrams | None:
        """As they were last read; None for a site that has learnt nothing."""
        kept = self._kept.get(site_id)
        return None if kept is None else kept.weights

    def _look(self, conn: Connection, site_id: str, kept: Kept | None, until: float) -> Kept:
        version = learning.current_version(conn, site_id, SPAM.name)
        if kept is not None and kept.version == version:
            return Kept(version, kept.weights, until)
        row = None if version is None else learning.current_weights(conn, site_id, SPAM.name)
        if row is None:
            return Kept(None, None, until)
        if row.report.get("model") != self._model:
            log.warning("site %s: weights for spam were learnt on another model: run `gavel spam refit`", site_id)
            return Kept(version, None, until)
        return Kept(version, unpack(row.weights, version=f"site@{row.version}"), until)
