"""Pages behind signed links, for people without an account. No search engine and no cache keeps them."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, render_template

from moderation.ground.wording.sentences import spoken
from service.api.front_page import POLICY
from service.api.words import preferred


def page(template: str, status: int = HTTPStatus.OK, **values: object) -> Response:
    response = Response(render_template(template, **values), status=status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = f"{POLICY}; form-action 'self'"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def gone() -> Response:
    """For a link that is forged or has expired, in the browser's language."""
    return page("statement_gone.html", HTTPStatus.NOT_FOUND, words=spoken(preferred()))
