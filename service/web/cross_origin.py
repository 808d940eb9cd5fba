"""Lets pages of a site's own origins read what is public, and have texts scored
(https://fetch.spec.whatwg.org/#http-cors-protocol); and takes forms from no page but our own.

Origins are named one by one and compared whole. Nothing here ever says ``*``, and credentials are never allowed: a key
is sent by the page itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from cachetools import TTLCache
from flask import Flask, Request, Response, current_app, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotAllowed
from moderation.sites import rows as sites

EXTENSION = "gavel.origins"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CACHE_S = 5.0  # a changed list of origins takes this long at most, as a revoked key does
MAX_AGE_S = 600  # a browser asks again after this time whether it may call
SHOWN_HEADERS = ", ".join(
    (
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "Gavel-Model-Version",
        "Gavel-Attributes-Left-Out",
        "Gavel-Categories-Without-Model",
        "Gavel-Not-Judged",
    )
)


class Origins:
    """The origins of all sites, remembered for a few seconds: anybody may ask, and as often as they like."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._known: TTLCache[str, Mapping[str, frozenset[str]]] = TTLCache(1, CACHE_S, timer=clock)
        self._lock = threading.Lock()

    def of(self, site_id: str) -> frozenset[str]:
        return self._all().get(site_id, frozenset())

    def holds(self, origin: str) -> bool:
        """Whether any site has it: before a call a browser sends no key that would say which."""
        return any(origin in origins for origins in self._all().values())

    def _all(self) -> Mapping[str, frozenset[str]]:
        with self._lock:
            origins = self._known.get(EXTENSION)
            if origins is None:
                with self._database.read() as conn:
                    origins = {site.id: frozenset(site.settings.origins) for site in sites.all_sites(conn)}
                self._known[EXTENSION] = origins
        return origins


def register(app: Flask, database: Database, clock: Callable[[], float]) -> None:
    app.extensions[EXTENSION] = Origins(database, clock)
    app.after_request(_show_pages_that_no_call_is_there)


def preflight(headers: str = "Authorization, Content-Type", methods: str = "GET, POST") -> Response | None:
    """The answer to a browser that asks before it calls; None for any other request, and for a strange origin.

    ``headers`` are those that the page may send."""
    is_asked = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    origin = request.headers.get("Origin", "")
    if not is_asked or not _origins().holds(origin):
        return None
    response = Response(status=204)
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Methods"] = methods
    response.headers["Access-Control-Allow-Headers"] = headers
    response.headers["Access-Control-Max-Age"] = str(MAX_AGE_S)
    response.vary.update(("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"))
    return response


def check(site_id: str, credential: str = "key") -> str | None:
    """The origin of the page that calls, None where no browser says one. Raises NotAllowed for a strange one;
    ``credential`` is the word for what the page sent."""
    origin = request.headers.get("Origin")
    if origin is not None and origin not in _origins().of(site_id):
        raise NotAllowed(f"this {credential} works in pages of the site's own origins only")
    return origin


def of_any_site() -> str | None:
    """The origin of the page that calls, if it is one of any site's: such a page may read why it is refused."""
    origin = request.headers.get("Origin")
    return origin if origin is not None and _origins().holds(origin) else None


def of_refused() -> str | None:
    """As ``of_any_site``, for an answer that goes out without an origin where the database does not answer."""
    try:
        return of_any_site()
    except (OperationalError, InterfaceError, PoolTimeout):
        return None


def _show_pages_that_no_call_is_there(response: Response) -> Response:
    if request.endpoint is None:
        allow(response, of_refused())
    return response


def allow(response: Response, origin: str | None) -> None:
    """Lets the page read the answer."""
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = SHOWN_HEADERS
    if "Vary" in response.headers:
        response.vary.add("Origin")
    else:  # most answers: nothing to read first
        response.headers["Vary"] = "Origin"


def refuse_foreign(request: Request, public_url: str) -> None:
    """Lets an unsafe request pass only if the browser says that one of our own pages made it. Raises NotAllowed.

    Browsers send ``Sec-Fetch-Site`` over https and on loopback, and ``Origin`` with every POST; a request with neither
    comes from no browser, and these pages are for browsers. See https://web.dev/articles/fetch-metadata
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site != "same-origin":
        raise NotAllowed("this request comes from another site")
    if origin is not None and urlsplit(origin).netloc not in _own_hosts(request, public_url):
        raise NotAllowed("this request comes from another site")
    if site is None and origin is None:
        raise NotAllowed("this request does not say where it comes from")


def _origins() -> Origins:
    origins: Origins = current_app.extensions[EXTENSION]
    return origins


def _own_hosts(request: Request, public_url: str) -> set[str]:
    return {request.host, urlsplit(public_url).netloc} - {""}
