"""Authenticates sites by a bearer key with scopes, and limits the requests of each key. Every web process counts for
itself, so that counting needs no Redis and costs a request next to nothing."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from cachetools import TTLCache
from flask import Blueprint, Flask, Response, current_app, g, request

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotAllowed, NotAuthenticated, RateLimited
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit.actors import Actor
from moderation.sites.keys import Scope, digest_of
from moderation.sites.rows import Key
from service.context import utc_now
from service.web import cross_origin, strict_json
from service.web.strict_json import StrictRequest

View = TypeVar("View", bound=Callable[..., Any])
Clock = Callable[[], float]  # seconds, as time.monotonic

MAX_BODY_BYTES = 256 * 1024

KEY_CACHE_S = 5.0  # a revoked key works at most this much longer
KEY_CACHE_SIZE = 10_000
WINDOW_S = 60.0
EXTENSION = "gavel.keyring"
FOR_BROWSERS = frozenset({Scope.PUBLIC, Scope.SCORE})  # a browser is never told that it may use a key with any other


class Keyring:
    """Live keys by digest, remembered for a few seconds so that most requests read none from the database."""

    def __init__(self, database: Database, clock: Clock = time.monotonic) -> None:
        self._database = database
        self._known: TTLCache[str, Key] = TTLCache(KEY_CACHE_SIZE, KEY_CACHE_S, timer=clock)
        self._lock = threading.Lock()

    def find(self, token: str, *, now: datetime) -> Key | None:
        """The live key, or None for one that is unknown, revoked or expired."""
        digest = digest_of(token)
        with self._lock:
            key = self._known.get(digest)
        if key is not None:
            return key
        with self._database.read() as conn:
            key = sites.find_key(conn, digest, now)
        if key is not None:
            with self._lock:
                self._known[digest] = key
        return key


@dataclass(slots=True)
class RequestWindow:
    """The requests of one key in the window that began at ``started``, and in the one before."""

    started: float
    now: int = 0
    before: int = 0

    def count(self, moment: float, length_s: float) -> float:
        """Requests in the window that ends now, assuming that those of the one before were evenly spread."""
        passed = moment - self.started
        if passed >= length_s:
            self.before = self.now if passed < 2 * length_s else 0
            self.now = 0
            self.started += passed // length_s * length_s
            passed = moment - self.started
        return self.now + self.before * (1 - passed / length_s)


class RequestPace:
    """Limits the requests of each key, reader or address within a sliding window, usually a minute. A limit of 0 turns
    this off."""

    def __init__(
        self,
        most: int,
        clock: Clock = time.monotonic,
        *,
        whose: str = "key",
        windows: MutableMapping[str, RequestWindow] | None = None,
        window_s: float = WINDOW_S,
    ) -> None:
        self.most, self._clock, self._whose, self._window_s = most, clock, whose, window_s
        self._windows: MutableMapping[str, RequestWindow] = {} if windows is None else windows
        self._lock = threading.Lock()

    def count(self, key_id: str) -> dict[str, str]:
        """Counts a request. Returns the headers that say how many are left. Raises RateLimited.

        https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (version 10)
        """
        if self.most == 0:
            return {}
        with self._lock:
            moment = self._clock()
            window = self._windows[key_id] = self._windows.get(key_id) or RequestWindow(moment)
            used = window.count(moment, self._window_s)
            if used + 1 > self.most:
                raise RateLimited(self.most, self._wait_s(window, moment))
            window.now += 1
            left_s = math.ceil(window.started + self._window_s - moment)
        left = max(0, int(self.most - used - 1))
        name = f'"{self._whose}"'
        return {
            "RateLimit-Policy": f"{name};q={self.most};w={self._window_s:.0f}",
            "RateLimit": f"{name};r={left};t={left_s}",
        }

    def _wait_s(self, window: RequestWindow, moment: float) -> int:
        """Seconds until one more request is within the limit: the count of a window fades during the next one."""
        room, length_s = self.most - 1, self._window_s
        if window.now <= room:
            fade_s = length_s * (1 - (room - window.now) / window.before)
        else:
            fade_s = length_s + length_s * (1 - room / window.now)
        return max(1, math.ceil(window.started + fade_s - moment))


@dataclass(frozen=True, slots=True)
class Requirement:
    """The scope that a caller needs to reach a view, and the largest body that it may send."""

    scope: Scope | None  # None: a reader's token, and no key
    takes_body: bool
    max_bytes: int
    is_public: bool
    instead: Scope | None = None  # a scope that also does

    @property
    def is_for_browsers(self) -> bool:
        """Whether a key that everybody can see in a page may reach the view."""
        return self.is_public or self.scope in FOR_BROWSERS


def needs(
    scope: Scope, *, max_bytes: int = MAX_BODY_BYTES, public: bool = False, instead: Scope | None = None
) -> Callable[[View], View]:
    """Declares the scope that a key needs to call this view, or the one that does ``instead``, and the largest body
    that it accepts.

    Keys for browsers reach a ``public`` view too, which refuses to show them anything that readers do not see.
    """

    def mark(view: View) -> View:
        takes_body = "body" in view.__annotations__
        view.requirement = Requirement(scope, takes_body, max_bytes, public, instead)  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(view: View) -> View:
    """Declares that a view needs no key. Every view outside the desk declares either this or a scope."""
    view.requirement = None  # type: ignore[attr-defined]
    return view


def requirement_of(view: Callable[..., Any]) -> Requirement | None:
    """The declaration of a view; None if it is open to all. Raises LookupError for a view without one."""
    if "requirement" not in vars(view):
        raise LookupError(f"{view.__name__} declares neither a scope nor that it is open to all")
    requirement: Requirement | None = vars(view)["requirement"]
    return requirement


def register(app: Flask, database: Database, per_minute: int, clock: Clock) -> None:
    """``per_minute`` limits the requests of each key in each process; 0 does not limit them."""
    app.extensions[EXTENSION] = (Keyring(database, clock), RequestPace(per_minute, clock))
    cross_origin.register(app, database, clock)


def guard(blueprint: Blueprint) -> None:
    """Lets only keys with the declared scope reach the blueprint's views, and reads no body before that is known."""
    blueprint.before_request(_admit)
    blueprint.after_request(finish)


def current_key() -> Key:
    """The key of this request. Only behind ``guard``."""
    return g.key  # type: ignore[no-any-return]


def caller() -> Actor:
    """The key that this request came with, as the audit trail names it."""
    return actors.key(current_key())


def reads_only_what_is_public() -> bool:
    """The key may be known to every reader."""
    return Scope.READ not in current_key().scopes


def _admit() -> Response | None:
    requirement = guarded()
    if requirement.is_for_browsers and (answer := cross_origin.preflight()):
        return answer
    admit(bearer("the site's key as Authorization: Bearer gvl_…"), requirement)
    if requirement.takes_body:
        cast(StrictRequest, request).parsed = strict_json.read(request)
    else:
        strict_json.refuse(request)
    return None


def guarded() -> Requirement:
    """The requirement of the view that this request reaches. Raises LookupError for a view that declares none, so that
    it is served to nobody."""
    requirement = declared()
    if requirement is None:
        raise LookupError(f"{request.endpoint} declares no scope")
    return requirement


def declared() -> Requirement | None:
    """The requirement of the view that this request reaches; None if it is open to all. Raises LookupError for a view
    that declares nothing, so that it is served to nobody."""
    return requirement_of(current_app.view_functions[request.endpoint or ""])


def count(caller: str) -> None:
    """Counts this request for a caller without a key of ours. Raises RateLimited."""
    _keyring, pace = current_app.extensions[EXTENSION]
    g.pace = pace.count(caller)


def admit(token: str, requirement: Requirement | None) -> None:
    """Counts this request for its key, and limits its body if the view needs a scope.

    Raises NotAuthenticated, NotAllowed and RateLimited.
    """
    keyring, pace = current_app.extensions[EXTENSION]
    key = keyring.find(token, now=utc_now())
    if key is None:
        raise NotAuthenticated("the key is unknown, revoked or expired")
    g.key = key
    g.pace = pace.count(key.id)
    if requirement is None:
        return
    enough = {requirement.scope, requirement.instead, Scope.PUBLIC if requirement.is_public else None}
    if not enough & key.scopes:
        raise NotAllowed(f"this key lacks the scope {requirement.scope}")
    if key.scopes <= FOR_BROWSERS:
        g.origin = cross_origin.check(key.site_id)
    request.max_content_length = requirement.max_bytes


def bearer(wanted: str) -> str:
    """The credential of this request. Raises NotAuthenticated, which says what is ``wanted``."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated(f"send {wanted}")
    return token.strip()


def finish(response: Response) -> Response:
    """Headers of every guarded answer: not stored, how many requests are left, and which page may read it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.extend(g.get("pace", {}))
    cross_origin.allow(response, g.get("origin"))
    return response
