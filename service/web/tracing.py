"""Gives every request an id: the caller's ``X-Request-Id`` if it is a plain word, or a new one. The id is in the
answer and in every log line of the request, and goes with the comment to the worker that decides it."""

from __future__ import annotations

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

from moderation.ground.monitoring import logs

HEADER = "X-Request-Id"
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds

_PLAIN = re.compile(r"[A-Za-z0-9._:-]{1,64}")

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Call this before registering anything else that handles requests."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    logs.request_id.set(given if _PLAIN.fullmatch(given) else uuid.uuid4().hex)
    g.begun = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers[HEADER] = logs.request_id.get() or ""
    route = request.url_rule.rule if request.url_rule else "unknown"  # never the path, which contains ids of readers
    log.log(
        logging.DEBUG if route in QUIET else logging.INFO,
        "answered",
        extra={
            "method": request.method,
            "route": route,
            "status": response.status_code,
            "ms": round(1000 * (time.perf_counter() - g.begun), 1) if "begun" in g else None,
            "site_id": g.key.site_id if "key" in g else None,
        },
    )
    return response
