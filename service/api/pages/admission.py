"""Lets pages read the comments of sites that allow it: those that have named the origins of their pages. No key."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from cachetools import TTLCache
from flask import Blueprint, Flask, Response, current_app, g, request

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.ground.values.modes import Mode, strictest
from moderation.law.modes import rows as mode_rows
from moderation.readers.pages.page_rows import ShownArticle
from moderation.sites import rows as sites
from moderation.sites.rules import rows as rules
from service.auth import MAX_BODY_BYTES
from service.context import utc_now
from service.web import cross_origin, strict_json

EXTENSION = "gavel.pages"
CACHE_S = 5.0  # a changed setting takes this long at most, as a revoked key does
CACHE_SIZE = 10_000
METHODS, HEADERS = "GET", "If-None-Match"


@dataclass(frozen=True, slots=True)
class PageSite:
    """A site, as far as its pages need it. ``digest`` changes with what every answer says of the site."""

    id: str
    origins: frozenset[str]
    edit_minutes: int
    has_links: bool = True
    has_rules_page: bool = False  # made of its rule book
    modes: tuple[Mode, ...] = ()  # for breaking news, anywhere at the site

    @property
    def digest(self) -> str:
        return hashlib.sha256(
            repr((self.id, self.edit_minutes, self.has_links, self.has_rules_page)).encode()
        ).hexdigest()[:8]

    def mode_of(self, article: ShownArticle | None, now: datetime) -> Mode | None:
        """The strictest mode for breaking news that holds. One that began is seen as soon as a changed setting."""
        article_id, section = (article.id, article.section) if article is not None else (None, None)
        return strictest(m for m in self.modes if m.is_in_force(now) and m.covers(article_id, section))


class PageSites:
    """The sites that have origins, remembered for a few seconds."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._known: TTLCache[str, PageSite] = TTLCache(CACHE_SIZE, CACHE_S, timer=clock)
        self._lock = threading.Lock()

    def get(self, name: str) -> PageSite:
        """The article with the site's id as a page writes it. Raises NotFound, also for a site that has named no
        origin."""
        site_id = _uuid(name)
        with self._lock:
            known = self._known.get(site_id)
        if known is not None:
            return known
        with self._database.read() as conn:
            site = sites.get_site(conn, site_id)
            modes = mode_rows.ending_after(conn, [site_id], utc_now())
            has_page = not site.settings.rules_url and rules.has_rules(conn, site_id)
        if not site.settings.origins:
            raise NotFound("site", name)
        said = site.settings
        origins = frozenset(said.origins)
        page_site = PageSite(site.id, origins, said.reader_edit_minutes, said.comment_links, has_page, tuple(modes))
        with self._lock:
            self._known[site_id] = page_site
        return page_site


def _uuid(name: str) -> str:
    try:
        return str(uuid.UUID(name))
    except ValueError as e:
        raise NotFound("site", name) from e


def register(app: Flask, database: Database, clock: Callable[[], float]) -> None:
    app.extensions[EXTENSION] = PageSites(database, clock)


def guard(blueprint: Blueprint) -> None:
    """Finds the site of each call, and says which pages may read the answer."""
    blueprint.before_request(_admit)
    blueprint.after_request(_finish)


def current_site() -> PageSite:
    """The site of this request. Only behind ``guard``."""
    return cast(PageSite, g.page_site)


def _admit() -> Response | None:
    if answer := cross_origin.preflight(HEADERS, METHODS):
        return answer
    g.origin = cross_origin.of_any_site()
    site = cast(PageSites, current_app.extensions[EXTENSION]).get((request.view_args or {})["site"])
    g.page_site = site
    origin = request.headers.get("Origin")
    g.origin = origin if origin in site.origins else None
    request.max_content_length = MAX_BODY_BYTES
    strict_json.refuse(request)
    return None


def _finish(response: Response) -> Response:
    if response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    cross_origin.allow(response, g.origin if "origin" in g else cross_origin.of_refused())
    return response
