"""Who calls: a site, by a bearer key with scopes. Its requests are counted, and a key that asks too often is told when
to come back. Counting is per web process, so that it works without Redis and costs the request next to nothing."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, Response, current_app, g, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from moderation.errors import NotAllowed, NotAuthenticated, RateLimited
from moderation.sites import Scope, digest_of
from moderation.store import sites
from moderation.store.database import Database
from moderation.store.sites import Key
from service import strict_json
from service.context import utc_now
from service.strict_json import StrictRequest

View = TypeVar("View", bound=Callable[..., Any])

MAX_BODY_BYTES = 256 * 1024

KEY_CACHE_S = 5.0  # a revoked key works this much longer at most
KEY_CACHE_SIZE = 10_000
EXTENSION = "gavel.keyring"


class Keyring:
    """Live keys by digest, remembered for a few seconds so that most requests read none from the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[str, tuple[Key, float]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, token: str, *, now: datetime) -> Key | None:
        digest = digest_of(token)
        with self._lock:
            key, until = self._known.get(digest, (None, 0.0))
        if key is not None and time.monotonic() < until:
            return key
        with self._database.read() as conn:
            key = sites.find_key(conn, digest, now)
        if key is not None:
            self._remember(digest, key)
        return key

    def _remember(self, digest: str, key: Key) -> None:
        with self._lock:
            self._known[digest] = (key, time.monotonic() + KEY_CACHE_S)
            self._known.move_to_end(digest)
            if len(self._known) > KEY_CACHE_SIZE:
                self._known.popitem(last=False)


class Pace:
    """Requests a minute per key, over a sliding window. A limit of 0 counts nothing."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, key_id: str) -> None:
        """Raises RateLimited."""
        if self._item is not None and not self._limiter.hit(self._item, key_id):
            raise RateLimited(self.per_minute, self._left(key_id)[1])

    def headers(self, key_id: str) -> dict[str, str]:
        """https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (version 10)."""
        if self._item is None:
            return {}
        remaining, reset_s = self._left(key_id)
        policy = f'"key";q={self.per_minute};w=60'
        return {"RateLimit-Policy": policy, "RateLimit": f'"key";r={remaining};t={reset_s}'}

    def _left(self, key_id: str) -> tuple[int, int]:
        assert self._item is not None
        stats = self._limiter.get_window_stats(self._item, key_id)
        return stats.remaining, max(1, math.ceil(stats.reset_time - time.time()))


@dataclass(frozen=True, slots=True)
class Door:
    """What a view asks of whoever calls it."""

    scope: Scope
    takes_body: bool
    max_bytes: int


def needs(scope: Scope, *, max_bytes: int = MAX_BODY_BYTES) -> Callable[[View], View]:
    """Marks a view with the scope that a key must have to call it, and with the largest body it takes."""

    def mark(view: View) -> View:
        view.door = Door(scope, "body" in view.__annotations__, max_bytes)  # type: ignore[attr-defined]
        return view

    return mark


def register(app: Flask, database: Database, per_minute: int) -> None:
    app.extensions[EXTENSION] = (Keyring(database), Pace(per_minute))


def guard(blueprint: Blueprint) -> None:
    """Nothing under ``blueprint`` is reached without a key that may, and no body is read before that is known."""
    blueprint.before_request(_admit)
    blueprint.after_request(_finish)


def current_key() -> Key:
    """The key that this request came with."""
    return g.key  # type: ignore[no-any-return]


def _admit() -> None:
    keyring, pace = current_app.extensions[EXTENSION]
    door: Door = vars(current_app.view_functions[request.endpoint or ""])["door"]
    key = keyring.find(_token(), now=utc_now())
    if key is None:
        raise NotAuthenticated("the key is not known, was revoked or has expired")
    g.key = key
    pace.count(key.id)
    if door.scope not in key.scopes:
        raise NotAllowed(f"this key lacks the scope {door.scope}")
    if door.takes_body:
        request.max_content_length = door.max_bytes
        cast(StrictRequest, request).parsed = strict_json.read(request)


def _token() -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("send the site's key as Authorization: Bearer gvl_…")
    return token.strip()


def _finish(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if (key := g.get("key")) is not None:
        response.headers.extend(current_app.extensions[EXTENSION][1].headers(key.id))
    return response
