"""Keeps numbers that are expensive to count and may be a few seconds old, in each process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from cachetools import TLRUCache
from flask import Flask, current_app

EXTENSION = "gavel.cached"
MOST = 500

Value = TypeVar("Value")


class Cache:
    """Values by key until their time is up, at most MOST of them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._kept: TLRUCache[Hashable, tuple[float, Any]] = TLRUCache(MOST, _until, timer=clock)
        self._lock = threading.Lock()

    def value(self, key: Hashable, ttl_s: float, make: Callable[[], Value]) -> Value:
        """Two requests that find nothing may both make it; neither waits for the other."""
        with self._lock:
            kept = self._kept.get(key)
        return self.renewed(key, ttl_s, make) if kept is None else cast(Value, kept[1])

    def renewed(self, key: Hashable, ttl_s: float, make: Callable[[], Value]) -> Value:
        """Makes it even if there is one."""
        value = make()
        with self._lock:
            self._kept[key] = (ttl_s, value)
        return value


def _until(_key: Hashable, kept: tuple[float, Any], now: float) -> float:
    return now + kept[0]


def register(app: Flask, clock: Callable[[], float]) -> None:
    """Gives the application a cache of its own."""
    app.extensions[EXTENSION] = Cache(clock)


def value(key: Hashable, ttl_s: float, make: Callable[[], Value]) -> Value:
    """``make()``, or its result from less than ``ttl_s`` ago. The key must name all that the value depends on."""
    return _cache().value(key, ttl_s, make)


def renewed(key: Hashable, ttl_s: float, make: Callable[[], Value]) -> Value:
    """``make()`` for this call and for the next ``ttl_s``."""
    return _cache().renewed(key, ttl_s, make)


def _cache() -> Cache:
    return cast(Cache, current_app.extensions[EXTENSION])
