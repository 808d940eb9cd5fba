"""The parts that all dialects share. A dialect is a blueprint that says where its clients put the key and how its
errors read; its views declare their scope with ``auth.needs`` and read their own bodies.

    perspective = Blueprint("perspective", __name__)
    frame.speak(perspective, token=find_key, word=in_googles_words)

``find_key`` returns None where the client sends none. ``in_googles_words`` gets every error as a ``Fault``; errors that
only the dialect knows have handlers of its own on the blueprint.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import Blueprint, Response, request
from gunicorn.http.errors import NoMoreData, ParseException  # type: ignore[import-untyped]
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from moderation.ground import errors
from moderation.ground.errors import GavelError, NotAuthenticated
from service import auth
from service.errors import kind_of
from service.web import cross_origin

STORAGE_RETRY_S = 2

log = logging.getLogger(__name__)


class NoKey(NotAuthenticated):
    """The request has no key at all."""

    def __init__(self) -> None:
        super().__init__("the request has no key")


class Trouble(StrEnum):
    """The kinds of error that every dialect words in its own way."""

    NO_KEY = "no_key"
    WRONG_KEY = "wrong_key"  # unknown, revoked or expired
    NOT_ALLOWED = "not_allowed"  # the key lacks the scope, or a page of another origin sent it
    TOO_FAST = "too_fast"  # the key's requests in a minute
    TOO_LARGE = "too_large"  # the body
    INVALID = "invalid"  # anything else that the caller must change
    NOT_FOUND = "not_found"
    AWAY = "away"  # a part of Gavel does not answer, so the caller may try again
    BROKEN = "broken"  # our own mistake; the log has it


@dataclass(frozen=True, slots=True)
class Fault:
    """An error before a dialect words it. ``detail`` holds nothing of the text."""

    trouble: Trouble
    detail: str
    retry_after_s: int | None = None
    limit: int | None = None  # requests in a minute, or bytes


def speak(blueprint: Blueprint, *, token: Callable[[], str | None], word: Callable[[Fault], Response]) -> None:
    """Lets only keys with the declared scope reach the blueprint's views, and words every error. A view that is open to
    all refuses a key that is wrong."""

    def admit() -> Response | None:
        wanted = request.headers.get("Access-Control-Request-Headers", "")
        if answer := cross_origin.preflight(wanted):
            return answer
        requirement, key = auth.declared(), token()
        if requirement is not None and key is None:
            raise NoKey
        if key is not None:
            auth.admit(key, requirement)
        return None

    def refuse(error: Exception) -> Response:
        fault = fault_of(error)
        response = word(fault)
        if fault.retry_after_s is not None:
            response.headers["Retry-After"] = str(fault.retry_after_s)
        return response

    blueprint.before_request(admit)
    blueprint.after_request(auth.finish)
    blueprint.register_error_handler(Exception, refuse)


def bearer() -> str | None:
    """The key of ``Authorization: Bearer …``, if there is one."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def fault_of(error: Exception) -> Fault:
    """The fault that an error is. Logs what is our own mistake."""
    match error:
        case NoKey():
            return Fault(Trouble.NO_KEY, str(error))
        case errors.NotAuthenticated():
            return Fault(Trouble.WRONG_KEY, str(error))
        case errors.NotAllowed():
            return Fault(Trouble.NOT_ALLOWED, str(error))
        case errors.RateLimited():
            return Fault(Trouble.TOO_FAST, str(error), error.retry_after_s, error.limit)
        case errors.ScoringUnavailable():
            return Fault(Trouble.AWAY, str(error), error.retry_after_s)
        case errors.NotFound():
            return Fault(Trouble.NOT_FOUND, str(error))
        case errors.GavelError() if (kind := _OF_STATUS.get(_status(error))) is not None:
            return Fault(kind, str(error), getattr(error, "retry_after_s", None))
        case HTTPException() | ParseException() | NoMoreData():
            return _of_http(error)
        case DataError():
            return Fault(Trouble.INVALID, "the database cannot keep one of these values")
        case OperationalError() | InterfaceError() | PoolTimeout():
            log.error("%s: the database does not answer: %s", request.endpoint, error)
            return Fault(Trouble.AWAY, "the database does not answer", STORAGE_RETRY_S)
    log.exception("%s %s", request.method, request.endpoint, exc_info=error)
    return Fault(Trouble.BROKEN, "the cause is in the service's log")


def _status(error: GavelError) -> int:
    return int(kind_of(error).status)


_OF_STATUS = {400: Trouble.INVALID, 409: Trouble.INVALID, 422: Trouble.INVALID, 503: Trouble.AWAY}


def _of_http(error: Any) -> Fault:
    """Errors of reading the request."""
    if isinstance(error, RequestEntityTooLarge):
        return Fault(Trouble.TOO_LARGE, "the body is too large", limit=request.max_content_length)
    if isinstance(error, HTTPException):
        kind = Trouble.NOT_FOUND if error.code == 404 else Trouble.INVALID
        return Fault(kind, error.description or "")
    return Fault(Trouble.INVALID, f"the body cannot be read: {type(error).__name__}")
