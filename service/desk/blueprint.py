"""The desk's blueprint: which pages there are, and what holds for all of them."""

from __future__ import annotations

import logging
import uuid
from http import HTTPStatus

from flask import Blueprint, Flask, Response, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

from moderation.errors import GavelError, InvalidInput, NotAuthenticated, RateLimited
from service import errors
from service.context import gavel
from service.desk.failed import pages as failed_pages
from service.desk.frame import guard
from service.desk.frame.rendering import add_filters, is_partial, page
from service.desk.history import audit
from service.desk.history import pages as history_pages
from service.desk.people import login
from service.desk.people import pages as people_pages
from service.desk.policy import overrides
from service.desk.policy import pages as policy_pages
from service.desk.queue import bulk, decided
from service.desk.review import breaks, live
from service.desk.review import pages as review_pages
from service.desk.search import pages as search_pages
from service.desk.trends import pages as trend_pages

log = logging.getLogger(__name__)

MODULES = (
    login,
    review_pages,
    live,
    bulk,
    history_pages,
    decided,
    search_pages,
    trend_pages,
    policy_pages,
    overrides,
    people_pages,
    audit,
    failed_pages,
    breaks,
)


def register(app: Flask) -> None:
    desk = Blueprint("desk", __name__, url_prefix="/desk")
    desk.before_request(check)
    desk.after_request(guard.add_headers)
    desk.register_error_handler(NotAuthenticated, ask_to_log_in)
    desk.register_error_handler(GavelError, told)
    desk.register_error_handler(HTTPException, told_http)
    desk.register_error_handler(Exception, told_unexpected)
    for module in MODULES:
        module.register(desk)
    desk.add_url_rule("/<path:_rest>", "nothing", nothing)
    add_filters(app)
    app.register_blueprint(desk)


def check() -> BaseResponse | None:
    """Where the request comes from, then who makes it. Public pages are named, so that none is so by accident."""
    guard.refuse_foreign(request, gavel().settings.public_url)
    if request.endpoint in login.PUBLIC:
        return None
    g.moderator = login.moderator_of(request)
    return None


def ask_to_log_in(_error: NotAuthenticated) -> BaseResponse:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("desk.login", next=wanted)
    if is_partial():  # htmx follows this one with a whole page
        return Response(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": target})
    return redirect(target, HTTPStatus.SEE_OTHER)


def told(error: GavelError) -> Response:
    """An error as a page, with the same status that the API gives it."""
    kind = errors.kind_of(error)
    detail = "; ".join(p.message for p in error.problems) if isinstance(error, InvalidInput) else str(error)
    response = page("desk/error.html", title=_TITLES.get(kind.status, kind.title), detail=detail, status=kind.status)
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def told_http(error: HTTPException) -> BaseResponse:
    status = HTTPStatus(error.code or 500)
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response(request.environ)
    return page("desk/error.html", title=status.phrase, detail=error.description or "", status=status)


def told_unexpected(error: Exception) -> Response:
    """Nothing internal leaks; the incident's number leads to the operators' log."""
    incident = uuid.uuid4().hex[:12]
    log.exception("%s %s, incident %s", request.method, request.path, incident, exc_info=error)
    detail = f"Nothing of it was changed, as far as we know. The operators’ log has it as incident {incident}."
    return page("desk/error.html", title="Something went wrong on our side", detail=detail, status=500)


def nothing(_rest: str) -> BaseResponse:
    raise NotFound("There is no page here.")


_TITLES = {
    HTTPStatus.FORBIDDEN: "You may not do that",
    HTTPStatus.NOT_FOUND: "There is no such thing",
}
