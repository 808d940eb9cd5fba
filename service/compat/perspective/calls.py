"""The calls of Perspective's interface. Nothing is stored but what ``suggestscore`` brings."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from moderation.sites.keys import Scope
from service.auth import current_key, needs, open_to_all
from service.compat import frame
from service.compat.perspective import discovery, performing, refusals
from service.compat.perspective.batching import ANALYZE, SUGGEST, answer_batch
from service.compat.perspective.refusals import Refusal
from service.compat.perspective.replying import reply
from service.context import gavel

CHANGES = ("POST", "PUT", "PATCH", "DELETE")
MAX_BYTES = 2 * 1024 * 1024
MODEL_VERSION, LEFT_OUT, TAKEN = "Gavel-Model-Version", "Gavel-Attributes-Left-Out", "Gavel-Feedback"

MOST_NAMED = 20  # attributes in a header
_PLAIN = re.compile(r"[A-Z_]{1,50}")

perspective = Blueprint("perspective", __name__)


def key_of_request() -> str | None:
    """In the query, as nearly everybody sends it, in Google's header, or as a bearer token."""
    return request.args.get("key") or request.headers.get("X-Goog-Api-Key") or frame.bearer()


frame.speak(perspective, token=key_of_request, word=refusals.in_its_words)
perspective.register_error_handler(Refusal, refusals.refuse)


@perspective.post(ANALYZE)
@needs(Scope.SCORE, max_bytes=MAX_BYTES)
def analyze() -> Response:
    """Scores a text."""
    answer = performing.analyze(request.get_data(cache=False), current_key())
    response = reply(answer.body)
    response.headers[MODEL_VERSION] = answer.models
    if named := [name for name in answer.left_out if _PLAIN.fullmatch(name)][:MOST_NAMED]:
        response.headers[LEFT_OUT] = ", ".join(named)
    return response


@perspective.post(SUGGEST)
@needs(Scope.SCORE, max_bytes=MAX_BYTES)
def suggest_score() -> Response:
    """Takes a person's judgement."""
    body, taken = performing.suggest(request.get_data(cache=False), current_key())
    response = reply(body)
    response.headers[TAKEN] = taken
    return response


@perspective.get("/$discovery/rest")
@perspective.get("/discovery/v1/apis/commentanalyzer/v1alpha1/rest")
@open_to_all
def discovery_document() -> Response:
    """The document from which Google's clients build their calls."""
    if request.args.get("version", discovery.API_VERSION) != discovery.API_VERSION:
        raise NotFound
    return reply(discovery.document(root_url()))


@perspective.get("/discovery/v1/apis")
@open_to_all
def discovery_directory() -> Response:
    """Where the document is."""
    return reply(discovery.directory(root_url()))


@perspective.post("/batch")
@perspective.post("/batch/commentanalyzer/v1alpha1")
@open_to_all
def batch() -> Response:
    """Many calls in one, each with its own key or with that of the whole."""
    return answer_batch(key_of_request())


@perspective.route("/batch", methods=["GET", "PUT", "PATCH", "DELETE"])
@perspective.route("/batch/commentanalyzer/v1alpha1", methods=["GET", "PUT", "PATCH", "DELETE"])
@perspective.route("/$discovery/rest", methods=CHANGES)
@perspective.route("/discovery/v1/apis", methods=CHANGES)
@perspective.route("/discovery/v1/apis/commentanalyzer/v1alpha1/rest", methods=CHANGES)
@open_to_all
def another_method() -> Response:
    """An error in Google's form for methods that these paths do not have."""
    raise NotFound


@perspective.route("/v1alpha1/<path:rest>", methods=["GET", *CHANGES])
@needs(Scope.SCORE)
def anything_else(rest: str) -> Response:  # noqa: ARG001
    """An error in Google's form for calls that do not exist."""
    raise NotFound


def root_url() -> str:
    """The address at which the caller asked, so that its further calls take the same way. PUBLIC_URL knows the scheme
    and the path where a proxy does not pass them on."""
    public = gavel().settings.public_url
    asked = request.host_url
    return f"{public.rstrip('/')}/" if public and _host(public) == _host(asked) else asked


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()
