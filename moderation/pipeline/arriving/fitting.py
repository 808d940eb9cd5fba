"""The cost of reading a comment before it is stored, with the article where a worker has to read that too, and the lane
that fits it."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Protocol

from cachetools import LRUCache

from moderation.ground.values.comments import Lane

KEPT = 200
"""Articles that a web process takes for read. A worker keeps 512, so two processes may take other ones for read."""


class Fitting(Protocol):
    """Says for one comment what a worker will have to read, and in which lane that may wait."""

    def reads(self, article_id: str, updated_at: datetime) -> bool:
        """Whether a worker has to read the article as it was then."""

    def lane(self, wanted: Lane, cost: int) -> Lane:
        """The lane that a comment of this cost gets."""


class AsWanted:
    """Leaves each comment in its lane, as if all articles were read."""

    def reads(self, _article_id: str, _updated_at: datetime) -> bool:
        return False

    def lane(self, wanted: Lane, _cost: int) -> Lane:
        return wanted


AS_WANTED = AsWanted()


class ReadArticles:
    """The articles that comments came to lately. A stranger who goes through an archive has each read anew, and the
    comments count as what they cost."""

    def __init__(self, kept: int = KEPT) -> None:
        self._lately: LRUCache[str, datetime] = LRUCache(kept)
        self._lock = threading.Lock()

    def note(self, article_id: str, updated_at: datetime) -> bool:
        """Whether the article as it was then is new here. From now on it is not."""
        with self._lock:
            is_new = self._lately.get(article_id) != updated_at
            self._lately[article_id] = updated_at
        return is_new
