"""Lets in the reader whom a site's server has signed, from pages of that site only, and limits their requests."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar, cast

from cachetools import TTLCache
from flask import Blueprint, Flask, Response, current_app, g, request

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotAllowed
from moderation.sites.keys import KEY_PREFIX
from service import auth
from service.api.readers import tokens
from service.api.readers.tokens import Secrets, SignedReader
from service.auth import MAX_BODY_BYTES, WINDOW_S, Clock, RequestPace, RequestWindow, Requirement
from service.context import utc_now
from service.web import cross_origin, strict_json
from service.web.strict_json import StrictRequest

View = TypeVar("View", bound=Callable[..., Response])

EXTENSION = "gavel.readers"
PER_MINUTE = 60  # requests of one reader, in each web process
MOST_READERS = 100_000  # counted at once; beyond that the one who has waited longest is forgotten
METHODS, HEADERS = "GET, POST, PATCH, DELETE", "Authorization, Content-Type, Prefer"


def register(app: Flask, database: Database, per_minute_of_keys: int, clock: Clock = time.monotonic) -> None:
    """An installation that does not limit keys does not limit readers either."""
    per_minute = PER_MINUTE if per_minute_of_keys else 0
    windows: TTLCache[str, RequestWindow] = TTLCache(MOST_READERS, 2 * WINDOW_S, timer=clock)
    app.extensions[EXTENSION] = (
        Secrets(database, clock),
        RequestPace(per_minute, clock, whose="reader", windows=windows),
    )


def by_reader(view: View) -> View:
    """Declares that a view takes a reader's token, and no key."""
    takes_body = "body" in view.__annotations__
    view.requirement = Requirement(None, takes_body, MAX_BODY_BYTES, False)  # type: ignore[attr-defined]
    return view


def guard(blueprint: Blueprint) -> None:
    """Lets only signed readers reach the blueprint's views, and reads no body before they are known."""
    blueprint.before_request(_admit)
    blueprint.after_request(auth.finish)


def current_reader() -> SignedReader:
    """The reader of this request. Only behind ``guard``."""
    return cast(SignedReader, g.reader)


def _admit() -> Response | None:
    requirement = auth.guarded()
    if answer := cross_origin.preflight(HEADERS, METHODS):
        return answer
    g.origin = cross_origin.of_any_site()
    token = auth.bearer("the reader's token as Authorization: Bearer …")
    if token.startswith(KEY_PREFIX):
        raise NotAllowed("this call takes a reader's token, and no key of the site")
    secrets, pace = current_app.extensions[EXTENSION]
    reader = tokens.read(token, secrets, now=utc_now())
    g.origin = None
    g.origin = cross_origin.check(reader.site_id, "token")
    g.reader = reader
    g.pace = pace.count(f"{reader.site_id} {reader.id}")
    request.max_content_length = requirement.max_bytes
    if requirement.takes_body:
        cast(StrictRequest, request).parsed = strict_json.read(request)
    else:
        strict_json.refuse(request)
    return None
