"""Places for requests that hold a thread while they wait: for scores, a decision, an event.

There are fewer than threads, so that comments are taken in meanwhile. No site can fill the places of the others, no key
those of its site's others, and what takes long leaves room for what is soon over.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app

from moderation.ground.values.costs import is_slow
from moderation.judging.text.reading_cost import MOST_PIECES

EXTENSION = "gavel.places"
LONG = 1.0  # of a request that may wait for many seconds
KEPT = 4  # one place of so many is kept for sites that hold few, and one place for keys


class Places:
    """``most`` places. Each process has its own."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept = max(1, most // KEPT) if most > 1 else 0
        self._by_site: Counter[str] = Counter()
        self._by_key: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        return self._by_site.total()

    def take(self, site_id: str, key_id: str = "", *, length: float = 0.0) -> bool:
        """Whether there is a place. ``length`` is between 0, for a request that is soon over, and ``LONG``: beyond the
        half that is left by what takes longest, no long one finds a place."""
        with self._lock:
            if not (self._has_room(length) and self._fits_site(site_id) and self._fits_key(site_id, key_id)):
                return False
            self._by_site[site_id] += 1
            self._by_key[site_id, key_id] += 1
            return True

    def give_back(self, site_id: str, key_id: str = "") -> None:
        with self._lock:
            self._by_site[site_id] -= 1
            self._by_key[site_id, key_id] -= 1
            self._by_site, self._by_key = +self._by_site, +self._by_key  # without those that hold none

    @contextmanager
    def place(self, site_id: str, key_id: str = "", *, length: float = 0.0) -> Iterator[bool]:
        """Whether the request has a place, until it is done."""
        has_place = self.take(site_id, key_id, length=length)
        try:
            yield has_place
        finally:
            if has_place:
                self.give_back(site_id, key_id)

    def _has_room(self, length: float) -> bool:
        left = self.most - self.taken - 1
        return left >= min(math.ceil(self.most / 2 * length), self.most - 1)

    def _fits_site(self, site_id: str) -> bool:
        left, held = self.most - self.taken - 1, self._by_site[site_id]
        return held < self._part(self.most, len(self._by_site)) or left >= self._kept

    def _fits_key(self, site_id: str, key_id: str) -> bool:
        of_site = self.most - self._kept
        left, held = of_site - self._by_site[site_id] - 1, self._by_key[site_id, key_id]
        keys = sum(site == site_id for site, _key in self._by_key)
        return held < self._part(of_site, keys) or left >= min(1, of_site - 1)

    @staticmethod
    def _part(places: int, busy: int) -> int:
        """The part of each that holds some, and of one more."""
        return max(1, places // (busy + 1))


def register(app: Flask, most: int) -> None:
    app.extensions[EXTENSION] = Places(most)


def places() -> Places:
    """The places of this process. Only inside a request or an application context."""
    places: Places = current_app.extensions[EXTENSION]
    return places


def length_of(cost: int) -> float:
    """The length of a request that waits until a text of this cost is read."""
    return min(LONG, cost / MOST_PIECES) if is_slow(cost) else 0.0
