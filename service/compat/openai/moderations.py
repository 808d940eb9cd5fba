"""``POST /v1/moderations`` beside our own calls: everything under this path speaks OpenAI's dialect, errors too."""

from __future__ import annotations

from flask import Blueprint, Response, request

from moderation.pipeline.drafts.drafts import Draft
from moderation.sites.keys import Scope
from moderation.sites.newest_policies import newest_policy
from service.auth import current_key, needs
from service.checking.checks import check
from service.compat import frame
from service.compat.openai import reading, wording
from service.compat.openai.categories import limits_of
from service.compat.openai.reading import MAX_BYTES, MODELS, RefusedRequest
from service.context import gavel
from service.web import strict_json

DEADLINE_S = 5.0  # OpenAI's clients wait for minutes, and try again
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

openai = Blueprint("openai", __name__, url_prefix="/v1")


@openai.route("/moderations", methods=METHODS)
@needs(Scope.SCORE, max_bytes=MAX_BYTES)
def moderations() -> Response:
    """One result for each text."""
    _only("POST")
    asked = reading.read(strict_json.read(request))
    site_id = current_key().site_id
    with gavel().database.read() as conn:
        limits = limits_of(newest_policy(conn, site_id))
    checked = check(site_id, [Draft(text) for text in asked.texts], deadline_s=DEADLINE_S)
    return wording.answer(asked, checked, limits)


@openai.route("/models", methods=METHODS)
@needs(Scope.SCORE)
def list_models() -> Response:
    """The models that a moderation request may name. Programs ask this to try a key out."""
    _only("GET")
    return wording.models(list(MODELS))


@openai.route("/models/<name>", methods=METHODS)
@needs(Scope.SCORE)
def get_model(name: str) -> Response:
    _only("GET")
    if name not in MODELS:
        raise reading.unknown_model(name)
    return wording.model(name)


@openai.route("/moderations/<path:_rest>", methods=METHODS)
@needs(Scope.SCORE)
def nothing_here(_rest: str) -> Response:
    """Any other address below OpenAI's."""
    raise RefusedRequest(f"Invalid URL ({request.method} {request.path[:200]})", status=404)


def _only(method: str) -> None:
    """Flask would answer a wrong method in our own shape, because it then knows no blueprint."""
    if request.method not in (method, "HEAD", "OPTIONS"):
        raise RefusedRequest(f"Not allowed to {request.method} on {request.path[:200]}.", status=405)


frame.speak(openai, token=frame.bearer, word=wording.word)
openai.register_error_handler(RefusedRequest, wording.refusal)
