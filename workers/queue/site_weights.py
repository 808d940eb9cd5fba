"""The learnt weights of each site, kept for a few seconds, so that workers take up a new version by themselves."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from sqlalchemy.engine import Connection

from moderation.insight.learning import rows as learning
from moderation.insight.learning.rows import SiteWeightsRow
from moderation.judging.signals.house import HOUSE
from moderation.judging.signals.model_signals import SPAM
from workers.scoring.house import model as house
from workers.scoring.house.model import HouseModel
from workers.scoring.ngrams import corrections as site_ngrams
from workers.scoring.ngrams.corrections import SiteNGrams

log = logging.getLogger(__name__)

FRESH_S = 5.0

T = TypeVar("T")
Opener = Callable[[str, SiteWeightsRow], T | None]
"""Makes weights of a site's version in force; None, with a warning, if this process cannot use it."""


@dataclass(frozen=True, slots=True)
class KeptWeights(Generic[T]):
    version: int | None
    weights: T | None
    until: float


class LearntWeights(Generic[T]):
    """The versions of one signal's weights that are in force, by site."""

    def __init__(self, signal: str, opened: Opener[T], clock: Callable[[], float] = time.monotonic) -> None:
        self._signal, self._opened, self._clock = signal, opened, clock
        self._kept: dict[str, KeptWeights[T]] = {}

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
            self._kept[site_id] = KeptWeights(None, None, until) if kept is None else replace(kept, until=until)

    def of(self, site_id: str) -> T | None:
        """The weights as they were last read; None for a site that has learnt nothing."""
        kept = self._kept.get(site_id)
        return None if kept is None else kept.weights

    def _look(self, conn: Connection, site_id: str, kept: KeptWeights[T] | None, until: float) -> KeptWeights[T]:
        version = learning.current_version(conn, site_id, self._signal)
        if kept is not None and kept.version == version:
            return KeptWeights(version, kept.weights, until)
        row = None if version is None else learning.current_weights(conn, site_id, self._signal)
        return (
            KeptWeights(None, None, until) if row is None else KeptWeights(version, self._opened(site_id, row), until)
        )


class SiteWeights(LearntWeights[SiteNGrams]):
    """Of spam. ``model`` is the version of the spam model in use: weights that were learnt on another do not fit it."""

    def __init__(self, model: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(SPAM.name, self._open, clock)
        self._model = model

    def _open(self, site_id: str, row: SiteWeightsRow) -> SiteNGrams | None:
        if row.report.get("model") != self._model:
            log.warning("site %s: weights for spam were learnt on another model: run `gavel spam refit`", site_id)
            return None
        return site_ngrams.unpack(row.weights, version=f"site@{row.version}")


class HouseModels(LearntWeights[HouseModel]):
    """The house models, one for each site that has learnt one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(HOUSE.name, _open_house, clock)


def _open_house(site_id: str, row: SiteWeightsRow) -> HouseModel | None:
    try:
        return house.unpack(row.weights, version=f"{HOUSE.name}@{row.version}")
    except ValueError as e:
        log.warning("site %s: %s: run `gavel learn`", site_id, e)
        return None
