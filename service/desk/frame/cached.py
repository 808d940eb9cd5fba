"""Numbers that cost a walk over many rows and may be a few seconds old, remembered per process."""

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
    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()  # until when, and what
        self._lock = threading.Lock()

    def value(self, key: Hashable, ttl_s: float, make: Callable[[], Value]) -> Value:
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
        """What is too old serves nobody and may be large."""
        now = time.monotonic()
        for key in [key for key, (until, _) in self._kept.items() if until <= now]:
            del self._kept[key]
        while len(self._kept) >= MOST:
            self._kept.popitem(last=False)


def value(key: Hashable, ttl_s: float, make: Callable[[], Value]) -> Value:
    """``make()``, or what it gave less than ``ttl_s`` ago. The key must name everything that the value depends on."""
    cache: Cache = current_app.extensions.setdefault(EXTENSION, Cache())
    return cache.value(key, ttl_s, make)
