"""Every error in one shape: RFC 9457 problem details with ``errors: [{field, message}]``. Nothing internal leaks."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from flask.json import dumps
from gunicorn.http.errors import NoMoreData, ParseException  # type: ignore[import-untyped]
from pydantic import ValidationError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadRequest, HTTPException

from moderation.ground import errors
from moderation.ground.database.engine import storage_refuses
from moderation.ground.errors import FieldProblem, GavelError, InvalidInput
from moderation.insight.trials.objections import Objection, WorseByRuleBook
from moderation.law.appeals import errors as appeal_errors
from moderation.sites.rules.errors import StaleRule

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:gavel:problem:"
STORAGE_RETRY_S = 2
MOST_PROBLEMS = 100  # listed in one answer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a caller sees a class of errors."""

    status: int
    name: str  # the last part of the problem's type
    title: str


KINDS: Mapping[type[GavelError], Kind] = {
    errors.InvalidInput: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-input", "The request is not valid"),
    errors.NotFound: Kind(HTTPStatus.NOT_FOUND, "not-found", "Not found"),
    errors.NotAllowed: Kind(HTTPStatus.FORBIDDEN, "not-allowed", "This key is not allowed to do that"),
    errors.NotAuthenticated: Kind(HTTPStatus.UNAUTHORIZED, "not-authenticated", "A valid site key is required"),
    errors.ReaderTokenExpired: Kind(HTTPStatus.UNAUTHORIZED, "reader-token-expired", "The reader's token has expired"),
    errors.ReaderTokenRefused: Kind(HTTPStatus.UNAUTHORIZED, "reader-token-refused", "The reader's token is not valid"),
    errors.TooCostly: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "too-costly", "The text takes too long to read"),
    errors.IdConflict: Kind(HTTPStatus.CONFLICT, "id-conflict", "The id is already in use"),
    errors.NameTaken: Kind(HTTPStatus.CONFLICT, "name-taken", "The name is already in use"),
    errors.StalePolicy: Kind(HTTPStatus.CONFLICT, "stale-policy", "The policy has changed since you read it"),
    WorseByRuleBook: Kind(HTTPStatus.CONFLICT, "worse-by-rule-book", "The rule book objects to this change"),
    StaleRule: Kind(HTTPStatus.CONFLICT, "stale-rule", "The rule has changed since you read it"),
    errors.FiguresChanged: Kind(HTTPStatus.CONFLICT, "figures-changed", "The figures have changed since you read them"),
    errors.StaleVersion: Kind(HTTPStatus.CONFLICT, "stale-version", "The comment has changed since you read it"),
    errors.SelectionChanged: Kind(HTTPStatus.CONFLICT, "selection-changed", "The selection has changed since then"),
    errors.CursorAhead: Kind(HTTPStatus.CONFLICT, "cursor-ahead", "The feed ends before that"),
    errors.MoveNotAllowed: Kind(HTTPStatus.CONFLICT, "move-not-allowed", "The comment's status does not allow this"),
    errors.EditTimeOver: Kind(HTTPStatus.CONFLICT, "edit-time-over", "The time for edits is over"),
    errors.NotKept: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "not-kept", "The database cannot store that"),
    errors.ArticleClosed: Kind(HTTPStatus.CONFLICT, "article-closed", "The article is closed to comments"),
    errors.AuthorSilenced: Kind(HTTPStatus.FORBIDDEN, "author-suspended", "This reader may not comment"),
    errors.NotifierSuspended: Kind(HTTPStatus.FORBIDDEN, "notifier-suspended", "This notifier's notices are not taken"),
    errors.MeasureFollowed: Kind(HTTPStatus.CONFLICT, "measure-followed", "This measure is not the newest one"),
    appeal_errors.AlreadyAppealed: Kind(HTTPStatus.CONFLICT, "already-appealed", "There is an appeal already"),
    appeal_errors.AppealTooLate: Kind(HTTPStatus.CONFLICT, "appeal-too-late", "The time for appeals is over"),
    appeal_errors.DecisionOver: Kind(HTTPStatus.CONFLICT, "decision-over", "The decision no longer holds"),
    appeal_errors.AppealDecided: Kind(HTTPStatus.CONFLICT, "appeal-decided", "The appeal is decided already"),
    appeal_errors.TooManyAppeals: Kind(HTTPStatus.TOO_MANY_REQUESTS, "too-many-appeals", "Too many appeals are open"),
    errors.BacklogFull: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "backlog-full", "Too many comments are waiting"),
    errors.RateLimited: Kind(HTTPStatus.TOO_MANY_REQUESTS, "rate-limited", "Too many requests"),
    errors.AuthorTooFast: Kind(HTTPStatus.TOO_MANY_REQUESTS, "author-rate-limited", "This reader writes too fast"),
    errors.TooManyNotices: Kind(HTTPStatus.TOO_MANY_REQUESTS, "too-many-notices", "This reader gives too many notices"),
    errors.ModelUnavailable: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "model-unavailable", "A model is not available"),
    errors.ScoringBusy: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "scoring-busy", "Too many texts wait to be scored"),
    errors.ScoringAway: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "scoring-away", "The scoring process does not answer"),
    errors.ScoringLate: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "scoring-late", "The deadline has passed"),
    errors.ScoringUnavailable: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "scoring-unavailable", "No text can be scored"),
    errors.StorageNotReady: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "storage-not-ready", "The database is not ready"),
    errors.SettingsError: Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "settings", "The service is misconfigured"),
}
UNEXPECTED = Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", "Something went wrong on our side")
STORAGE_AWAY = Kind(HTTPStatus.SERVICE_UNAVAILABLE, "storage-away", "The database does not answer")


TITLES: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Requested Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a Teapot",
    421: "Misdirected Request",
    422: "Unprocessable Entity",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    508: "Loop Detected",
    510: "Not Extended",
    511: "Network Authentication Required",
}
"""The errors of HTTP itself. The last part of a problem's type comes from its title here, and never from Python's
own list of them, whose phrases differ between versions."""


def register(app: Flask) -> None:
    """Handles every error, expected or not."""
    app.register_error_handler(GavelError, gavel_problem)
    app.register_error_handler(HTTPException, http_problem)
    for away in (OperationalError, InterfaceError, PoolTimeout, DataError):
        app.register_error_handler(away, storage_problem)
    app.register_error_handler(ParseException, garbled)
    app.register_error_handler(NoMoreData, garbled)
    app.register_error_handler(Exception, unexpected_problem)


def kind_of(error: GavelError) -> Kind:
    """The kind of the nearest class that has one, so that a subclass is reported like its parent."""
    return next((KINDS[cls] for cls in type(error).__mro__ if cls in KINDS), UNEXPECTED)


def problem(kind: Kind, detail: str, *problems: FieldProblem, **extra: Any) -> dict[str, Any]:
    """The document of RFC 9457; ``extra`` are its further members."""
    return {
        "type": TYPE_PREFIX + kind.name,
        "title": kind.title,
        "status": int(kind.status),
        "detail": detail,
        "errors": [{"field": p.field, "message": p.message} for p in problems],
        **extra,
    }


def problem_of(error: GavelError) -> dict[str, Any]:
    """The problem document of an error of the core."""
    kind = kind_of(error)
    if kind.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return problem(kind, "the cause is in the service's log")
    problems = error.problems if isinstance(error, _NAME_FIELDS) else ()
    return problem(kind, str(error), *problems, **_extra(error))


_NAME_FIELDS = (
    *(InvalidInput, errors.AuthorTooFast, errors.AuthorSilenced, errors.ReaderTokenRefused),
    appeal_errors.TooManyAppeals,
)


def gavel_problem(error: GavelError, **extra: Any) -> Response:
    """Errors of the core, with the headers that go with them. ``extra`` are further members of the document."""
    if kind_of(error).status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.exception("%s %s", request.method, _route(), exc_info=error)
    headers = {}
    if isinstance(error, errors.BacklogFull | errors.RateLimited | errors.ScoringUnavailable):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.NotAuthenticated):
        headers["WWW-Authenticate"] = challenge()
    if isinstance(error, errors.NotAllowed):
        headers["WWW-Authenticate"] = 'Bearer realm="gavel", error="insufficient_scope"'
    return _response({**problem_of(error), **extra}, headers)


def challenge() -> str:
    """RFC 6750, section 3: the answer to a request without a key has no error code."""
    suffix = ', error="invalid_token"' if request.headers.get("Authorization") else ""
    return f'Bearer realm="gavel"{suffix}'


def http_problem(error: HTTPException, **extra: Any) -> Response:
    """Routing and parsing errors of the framework. A redirect stays what it is."""
    status = error.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return Response(status=status, headers=dict(error.get_headers()))
    title = TITLES.get(status, f"Error {status}")
    kind = Kind(status, title.lower().replace(" ", "-").replace("'", ""), title)
    detail = HTTP_DETAILS.get(status, error.description or title)
    kept = {
        name: value for name, value in error.get_headers() if name.lower() not in ("content-type", "content-length")
    }
    return _response(problem(kind, detail, **extra), kept)


HTTP_DETAILS: Mapping[int, str] = {
    HTTPStatus.NOT_FOUND: "the API has no call with this path",
    HTTPStatus.METHOD_NOT_ALLOWED: "this path does not accept this method",
}


def garbled(error: Exception) -> Response:
    """The server cannot parse the body: a bad chunk, or an early end. It cannot read anything after that either."""
    response = http_problem(BadRequest(f"the body cannot be read: {type(error).__name__}"))
    response.headers["Connection"] = "close"
    return response


def storage_problem(error: Exception) -> Response:
    """503: the database is down, and the caller may retry. 422 if the database refuses the values themselves."""
    if storage_refuses(error):
        return gavel_problem(errors.NotKept())
    log.error("%s %s: the database does not answer: %s", request.method, _route(), error)
    detail = "assume that nothing was stored, and try again"
    return _response(problem(STORAGE_AWAY, detail), {"Retry-After": str(STORAGE_RETRY_S)})


def unexpected_problem(error: Exception) -> Response:
    """500 with a number that leads to the log."""
    incident = uuid.uuid4().urn
    log.exception("%s %s, incident %s", request.method, _route(), incident, exc_info=error)
    return _response(problem(UNEXPECTED, "the service's log has the details of this incident", instance=incident), {})


def refuse(error: ValidationError) -> Response:
    """flask-openapi3 calls this with Pydantic's errors, which become the core's own. Raises InvalidInput."""
    raise InvalidInput(*field_problems(error)) from error


def field_problems(error: ValidationError) -> list[FieldProblem]:
    """Pydantic's errors as ours: the first hundred, and how many more there are."""
    problems = [field_problem(fault) for fault in error.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]]
    if error.error_count() > MOST_PROBLEMS:
        problems.append(FieldProblem("body", f"has {error.error_count() - MOST_PROBLEMS:,} more problems"))
    return problems


def field_problem(error: Mapping[str, Any]) -> FieldProblem:
    """One of Pydantic's errors as ours."""
    message = MESSAGES.get(error["type"]) or str(error["msg"])
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return FieldProblem(field_path(error["loc"]) or "body", message[:1].lower() + message[1:])


MESSAGES: Mapping[str, str] = {
    "extra_forbidden": "is not known here",
    "missing": "is missing",
    "model_type": "must be an object",  # Pydantic's own says the name of a class
    "model_attributes_type": "must be an object",
}


@contextmanager
def fields_named(names: Mapping[str, str]) -> Iterator[None]:
    """Names fields as the caller wrote them, where the core knows them by other names."""
    try:
        yield
    except InvalidInput as e:
        raise InvalidInput(*(FieldProblem(names.get(p.field, p.field), p.message) for p in e.problems)) from e


def field_path(parts: tuple[str | int, ...]) -> str:
    """``("comments", 3, "article", "id")`` as the caller would write it: ``comments[3].article.id``."""
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _route() -> str:
    """The route for the log. Never the path, which contains ids of readers and anything else that a caller puts
    there."""
    return request.url_rule.rule if request.url_rule else "unknown"


def _extra(error: GavelError) -> dict[str, Any]:
    if isinstance(error, errors.StaleVersion):
        return {"current": {"version": error.current, "status": error.status, "decided_by": error.decided_by}}
    if isinstance(error, errors.StalePolicy):
        return {"current": {"version": error.current}}
    if isinstance(error, WorseByRuleBook):
        return {"although": error.word, "worse": [_worse(objection) for objection in error.objections]}
    if isinstance(error, errors.AuthorSilenced):
        until = error.until.isoformat() if error.until else None
        said = {"standing": error.standing, "until": until, "message": error.message}
        return {"author": {"id": error.author_id, **said, "statement_path": error.statement_path}}
    if isinstance(error, errors.NotifierSuspended):
        return {"until": error.until.isoformat()}
    if isinstance(error, errors.ArticleClosed):
        return {"until": error.until.isoformat() if error.until else None}
    if isinstance(error, errors.CursorAhead):
        return {"current": {"sequence": error.last}}
    return {}


def _worse(objection: Objection) -> dict[str, Any]:
    """The numbers are null of cases that could not be tried."""
    outcome = objection.outcome
    counts = (outcome.texts, outcome.right_before, outcome.right_after) if outcome else (None, None, None)
    named = {"rule": objection.rule, "name": objection.name}
    return named | dict(zip(("texts", "right_now", "right_then"), counts, strict=True))


def _response(body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    response = Response(dumps(body), status=body["status"], mimetype=MEDIA_TYPE)
    response.headers.extend(headers)
    return response
