"""How long browsers and proxies may keep an answer, and the tag by which they ask whether it still holds."""

from __future__ import annotations

import hashlib

from flask import Response, request
from pydantic import BaseModel

from service.api import views

SECONDS, STALE_SECONDS = 10, 60  # kept; and shown for another while, as long as a new answer is fetched


def tag_of(*parts: object) -> str:
    """Another one for anything that differs."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]


def unchanged(tag: str, *, seconds: int = SECONDS) -> Response | None:
    """304 to a caller who has the answer with this tag."""
    if not request.if_none_match.contains_weak(tag):
        return None
    return _marked(Response(status=304), tag, seconds)


def reply(body: BaseModel, tag: str, *, seconds: int = SECONDS) -> Response:
    return _marked(views.reply(body), tag, seconds)


def _marked(response: Response, tag: str, seconds: int) -> Response:
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = f"public, max-age={seconds}, stale-while-revalidate={STALE_SECONDS}"
    return response
