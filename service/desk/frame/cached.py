"""Keeps numbers that are expensive to count and may be a few seconds old, in each process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from flask import current_app

EXTENSION = "gavel.desk.cached"
MOST = 500

Value = TypeVar("Value")


class Cache:
    """Values by key until their time is up, at most MOST of them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()  # until when, and what
        self._lock = threading.Lock()

    def value(self, key: Hashable, ttl_s: float, make: Callable[[], Value]) -> Value:
        """Two requests that find nothing may both make it; neither waits for the other."""
        with self._lock:
            until, kept = self._kept.get(key, (float("-inf"), None))
        if time.monotonic() < until:
            return cast(Value, kept)
        made = make()
        with self._lock:
            self._forget()
            self._kept[key] = (time.monotonic() + ttl_s, made)
            self._kept.move_to_end(key)
        return made

    def _forget(self) -> None:
        """Drops what is too old, which may be large."""
        now = time.monotonic()
        for key in [key for key, (until, _) in self._kept.items() if until <= now]:
            del self._kept[key]
        while len(self._kept) >= MOST:
            self._kept.popitem(last=False)


def value(key: Hashable, ttl_s: float, make: Callable[[], Value]) -> Value:
    """``make()``, or its result from less than ``ttl_s`` ago. The key must name all that the value depends on."""
    cache: Cache = current_app.extensions.setdefault(EXTENSION, Cache())
    return cache.value(key, ttl_s, make)
