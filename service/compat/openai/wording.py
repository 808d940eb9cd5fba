"""Answers and errors as OpenAI's clients read them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response
from flask.json import dumps

from moderation.pipeline.drafts.drafts import Checked
from service.compat.frame import Fault, Trouble
from service.compat.openai.categories import JudgedCategory, judge, unjudged, without_model
from service.compat.openai.reading import ModerationRequest, RefusedRequest

INVALID, SERVER = "invalid_request_error", "server_error"
WITHOUT_MODEL = "Gavel-Categories-Without-Model"
NOT_JUDGED = "Gavel-Not-Judged"
MODEL_VERSION = "Gavel-Model-Version"

_STATUS: Mapping[Trouble, tuple[int, str, str | None]] = {
    Trouble.NO_KEY: (401, INVALID, None),
    Trouble.WRONG_KEY: (401, INVALID, "invalid_api_key"),
    Trouble.NOT_ALLOWED: (403, INVALID, "insufficient_permissions"),
    Trouble.TOO_FAST: (429, "requests", "rate_limit_exceeded"),
    Trouble.TOO_LARGE: (413, INVALID, "request_too_large"),
    Trouble.INVALID: (400, INVALID, None),
    Trouble.NOT_FOUND: (404, INVALID, None),
    Trouble.AWAY: (503, SERVER, "service_unavailable"),
    Trouble.BROKEN: (500, SERVER, None),
}
_MESSAGES: Mapping[Trouble, str] = {
    Trouble.NO_KEY: (
        "You didn't provide an API key. Send the site's key in an Authorization header (Authorization: Bearer gvl_…)."
    ),
    Trouble.WRONG_KEY: "Incorrect API key provided: it is unknown, revoked or expired.",
    Trouble.BROKEN: "The server had an error while processing your request. Its log has the details.",
}


def answer(request: ModerationRequest, results: Sequence[Checked], limits: Mapping[str, float]) -> Response:
    """One result for each text, and headers for all that the form of the answer cannot say."""
    judged = [judge(checked, limits, omni=request.is_omni) for checked in results]
    reasons = [unjudged(checked) for checked in results]
    body = {
        "id": f"modr-{uuid.uuid4().hex}",
        "model": request.model,
        "results": [_result(scores, why, request.is_omni) for scores, why in zip(judged, reasons, strict=True)],
    }
    response = _json(body, 200)
    readable = [scores for scores, why in zip(judged, reasons, strict=True) if why is None]
    if missing := without_model((readable or judged)[0]):
        response.headers[WITHOUT_MODEL] = ", ".join(missing)
    if unread := [f"{i} ({why})" for i, why in enumerate(reasons) if why is not None]:
        response.headers[NOT_JUDGED] = ", ".join(unread).encode("ascii", "replace").decode()
    response.headers[MODEL_VERSION] = results[0].model_version
    return response


def word(fault: Fault) -> Response:
    """An error that all dialects share."""
    status, kind, code = _STATUS[fault.trouble]
    message = _MESSAGES.get(fault.trouble) or fault.detail or "The request is not valid."
    if fault.trouble is Trouble.TOO_FAST:
        wait = f" Please try again in {fault.retry_after_s}s." if fault.retry_after_s else ""
        message = f"Rate limit reached: {fault.detail}.{wait}"
    response = _error(status, message, kind, None, code)
    if fault.trouble in (Trouble.AWAY, Trouble.TOO_FAST):
        response.headers["x-should-retry"] = "true"
    return response


def refusal(error: RefusedRequest) -> Response:
    """An error that only OpenAI's form has."""
    return _error(error.status, error.message, INVALID, error.param, error.code)


def models(names: Sequence[str]) -> Response:
    return _json({"object": "list", "data": [_model(name) for name in names]}, 200)


def model(name: str) -> Response:
    return _json(_model(name), 200)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "gavel"}


def _result(judged: Sequence[JudgedCategory], why_unjudged: str | None, omni: bool) -> dict[str, Any]:
    """A text that no model could read is flagged, so that a person looks: nobody may take it for checked and safe."""
    result: dict[str, Any] = {
        "flagged": why_unjudged is not None or any(judgement.is_true for judgement in judged),
        "categories": {judgement.category.name: judgement.is_true for judgement in judged},
        "category_scores": {judgement.category.name: judgement.score or 0.0 for judgement in judged},
    }
    if omni:
        types = {judgement.category.name: [] if judgement.score is None else ["text"] for judgement in judged}
        result["category_applied_input_types"] = types
    return result


def _error(status: int, message: str, kind: str, param: str | None, code: str | None) -> Response:
    return _json({"error": {"message": message, "type": kind, "param": param, "code": code}}, status)


def _json(body: Mapping[str, Any], status: int) -> Response:
    return Response(dumps(body), status=status, mimetype="application/json")
