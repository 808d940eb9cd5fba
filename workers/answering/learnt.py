"""The corrections and models that sites have learnt, read by the threads that take requests in, so that no database
holds up the thread that scores."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError

from moderation.ground.database.engine import Database
from workers.queue.site_weights import HouseModels, SiteWeights
from workers.scoring.house.model import HouseModel
from workers.scoring.ngrams.corrections import SiteNGrams

log = logging.getLogger(__name__)


class LearntModels:
    """``spam_model`` is the version of the spam model in use."""

    def __init__(self, database: Database, spam_model: str | None) -> None:
        self._database, self._weights, self._houses = database, SiteWeights(spam_model), HouseModels()
        self._lock = threading.Lock()

    def read(self, site_ids: Iterable[str]) -> None:
        """Looks for new versions, at most every few seconds. While the database is away, the last ones stay."""
        wanted = self._weights.stale(site_ids)
        if not wanted or not self._lock.acquire(blocking=False):  # another request is looking
            return
        try:
            with self._database.read() as conn:
                self._weights.read(conn, wanted)
                self._houses.read(conn, wanted)
        except SQLAlchemyError as e:
            log.warning("the weights of sites cannot be read: %s", type(e).__name__)
            self._weights.keep(wanted)
            self._houses.keep(wanted)
        finally:
            self._lock.release()

    def spam_of(self, site_id: str | None) -> SiteNGrams | None:
        return self._weights.of(site_id) if site_id is not None else None

    def house_of(self, site_id: str | None) -> HouseModel | None:
        return self._houses.of(site_id) if site_id is not None else None
