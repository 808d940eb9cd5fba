"""The scoring process as its callers see it: a WSGI application that answers for texts, and about itself.

Its one caller is Gavel's own web service, which has the token. It logs nothing of a text.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from moderation.ground.monitoring.instruments import instruments
from moderation.pipeline.drafts import messages
from moderation.pipeline.drafts.messages import BadMessage, ScoringAnswer, ScoringProcessState
from workers.answering.answerer import Answerer, Failed
from workers.answering.requests import Caller
from workers.answering.waiting import Busy, Late

DEADLINE_KEY, CALLER_KEY = (
    "HTTP_" + header.upper().replace("-", "_") for header in (messages.DEADLINE_HEADER, messages.CALLER_HEADER)
)
Reply = tuple[HTTPStatus, bytes]


class ScoringApplication:
    """``token`` must come as ``Authorization: Bearer`` with every request."""

    def __init__(self, answerer: Answerer, token: str) -> None:
        self._answerer, self._expected = answerer, f"Bearer {token}".encode()
        self._refused = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, body = self._reply(environ)
        head = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", head)
        return [body]

    def _reply(self, environ: WSGIEnvironment) -> Reply:
        given = str(environ.get("HTTP_AUTHORIZATION", "")).encode("latin-1", "replace")
        if not hmac.compare_digest(given, self._expected):
            return _error(HTTPStatus.UNAUTHORIZED, "the token is not ours")
        calls: dict[tuple[str, str], Callable[[WSGIEnvironment], Reply]] = {
            ("POST", messages.SCORE_PATH): self._score,
            ("GET", messages.STATE_PATH): self._state,
        }
        call = calls.get((environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")))
        return _error(HTTPStatus.NOT_FOUND, "there is no such call") if call is None else call(environ)

    def _score(self, environ: WSGIEnvironment) -> Reply:
        started = time.perf_counter()
        try:
            within_s, body = _deadline_s(environ), _body(environ)
            texts = messages.texts_from_bytes(body)
            caller = _caller(environ, texts[0].site_id)
        except BadMessage as e:
            return self._counted("bad", _error(HTTPStatus.BAD_REQUEST, str(e)))
        waiting = self._answerer.waiting
        try:
            self._answerer.learnt.read({text.site_id for text in texts if text.site_id is not None})
            request = waiting.enter(texts, within_s=within_s, caller=caller)
            instruments().answers_waiting.set(waiting.texts)
            scored = waiting.result(request)
        except Busy as e:
            self._refused += 1
            refusal = _error(HTTPStatus.SERVICE_UNAVAILABLE, "busy", retry_after_s=e.retry_after_s)
            return self._counted("busy", refusal)
        except Late:
            return self._counted("late", _error(HTTPStatus.SERVICE_UNAVAILABLE, "late"))
        except Failed:
            return self._counted("failed", _error(HTTPStatus.INTERNAL_SERVER_ERROR, "the models failed"))
        finally:
            instruments().answers_waiting.set(waiting.texts)
        instruments().answer_seconds.observe(time.perf_counter() - started)
        answer = messages.answer_to_bytes(ScoringAnswer(self._answerer.scorer.models, scored))
        return self._counted("scored", (HTTPStatus.OK, answer))

    def _state(self, _environ: WSGIEnvironment) -> Reply:
        of = self._answerer
        if not of.is_running:
            return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "the thread that scores has ended")
        state = ScoringProcessState(dict(of.scorer.models), of.waiting.texts, of.scored, self._refused)
        return HTTPStatus.OK, messages.state_to_bytes(state)

    @staticmethod
    def _counted(outcome: str, reply: Reply) -> Reply:
        instruments().answers.labels(outcome).inc()
        return reply


def _deadline_s(environ: WSGIEnvironment) -> float:
    try:
        given_ms = int(environ.get(DEADLINE_KEY, ""))
    except ValueError as e:
        raise BadMessage(f"{messages.DEADLINE_HEADER} is no whole number") from e
    if not 0 < given_ms <= messages.MAX_DEADLINE_MS:
        raise BadMessage(f"{messages.DEADLINE_HEADER} is not between 1 and {messages.MAX_DEADLINE_MS}")
    return given_ms / 1000


def _caller(environ: WSGIEnvironment, site_id: str | None) -> Caller:
    given = str(environ.get(CALLER_KEY, ""))
    if len(given) > messages.MAX_CALLER_CHARS:
        raise BadMessage(f"{messages.CALLER_HEADER} has more than {messages.MAX_CALLER_CHARS} characters")
    key, _space, reader = given.partition(" ")
    return Caller(site_id or "", key, reader)


def _body(environ: WSGIEnvironment) -> bytes:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError as e:
        raise BadMessage("the length is no number") from e
    if not 0 < length <= messages.MAX_BYTES:
        raise BadMessage(f"the length is not between 1 and {messages.MAX_BYTES:,} bytes")
    body: bytes = environ["wsgi.input"].read(length)
    return body


def _error(status: HTTPStatus, error: str, **more: Any) -> Reply:
    return status, json.dumps({"error": error, **more}).encode()
