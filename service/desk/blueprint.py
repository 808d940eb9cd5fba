"""The desk's blueprint: which pages there are, and what holds for all of them."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import uuid
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Flask, Response, g, redirect, request, url_for
from gunicorn.http.errors import NoMoreData, ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

from moderation.ground.errors import GavelError, NotAuthenticated, RateLimited
from moderation.insight.trials.objections import WorseByRuleBook
from moderation.sites.people.roles import Role
from service import cached, errors
from service.checking import policy_trials
from service.context import gavel
from service.desk.frame import guard, refusals, routes
from service.desk.frame.rendering import add_filters, is_partial, page
from service.desk.frame.routes import Route, Routes
from service.desk.people import login, start_list, unfinished
from service.desk.people.login import moderator_of
from service.desk.queue import views
from service.languages import choice
from service.languages.wording import gettext
from service.web import cross_origin, null_characters

log = logging.getLogger(__name__)

unknown = Routes()


def register(app: Flask, clock: Callable[[], float]) -> None:
    """Adds the desk to the application. By ``clock``, called like ``time.monotonic``, counts are kept for seconds."""
    cached.register(app, clock)
    desk = Blueprint("desk", __name__, url_prefix="/desk")
    desk.before_request(check)
    desk.after_request(guard.add_headers)
    desk.register_error_handler(NotAuthenticated, ask_to_log_in)
    desk.register_error_handler(GavelError, refused)
    desk.register_error_handler(WorseByRuleBook, ask_for_word)
    desk.register_error_handler(HTTPException, refused_by_framework)
    desk.register_error_handler(ParseException, errors.garbled)
    desk.register_error_handler(NoMoreData, errors.garbled)
    desk.register_error_handler(Exception, failed)
    routes.register(desk, [*declared(), *unknown])
    add_filters(app)
    app.jinja_env.filters["objection_title"] = policy_trials.title
    # On pages of the frame, and above it
    app.jinja_env.globals |= {"saved_views": views.shown, "start_notices": start_list.notices}
    app.register_blueprint(desk)


def declared() -> Iterator[Route]:
    """The ``routes`` of every module below the desk, so that a new page only has to declare itself."""
    for module in pkgutil.walk_packages([str(Path(__file__).parent)], f"{__package__}."):
        declared_there = vars(importlib.import_module(module.name)).get("routes")
        if isinstance(declared_there, Routes):
            yield from declared_there


def check() -> None:
    """Where the request comes from, then who makes it and whether that person may."""
    cross_origin.refuse_foreign(request, gavel().settings.public_url)
    if routes.here().most_form_bytes is not None:
        request.max_form_memory_size = routes.here().most_form_bytes
    if not routes.here().is_public:
        g.moderator = moderator_of(request)
        choice.follow(g.moderator.preferences)
        routes.admit(g.moderator)
    null_characters.refuse_in_form(request)


def ask_to_log_in(_error: NotAuthenticated) -> BaseResponse:
    """Leads to the login page, and from there back to the page that was asked for, or to the form that was sent."""
    if form := unfinished.of_request():
        return login.ask_again_for(form)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("desk.login", next=wanted)
    if is_partial():  # htmx follows this one with a whole page
        return Response(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": target})
    return redirect(target, HTTPStatus.SEE_OTHER)


def ask_for_word(error: WorseByRuleBook) -> Response:
    """The objections, with the form that was sent: a lead can send it once more, with a word for exactly these."""
    return page(
        "desk/frame/worse.html",
        status=errors.kind_of(error).status,
        title=gettext("Worse by the rule book") if error.worse else gettext("Not tried on the rule book"),
        objections=error.objections,
        is_worse=bool(error.worse),
        word=error.word,
        fields=[(name, value) for name, value in request.form.items(multi=True) if name != "although"],
        site_id=request.form.get("site"),
    )


def refused(error: GavelError) -> Response:
    """An error as a page, with the same status that the API gives it."""
    heading, detail = refusals.title_and_detail(error)
    response = page("desk/frame/error.html", title=heading, detail=detail, status=errors.kind_of(error).status)
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def refused_by_framework(error: HTTPException) -> BaseResponse:
    """Errors of routing and parsing as a page. A redirect stays a redirect."""
    status = HTTPStatus(error.code or 500)
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response(request.environ)
    heading, detail = refusals.of_status(status)
    return page("desk/frame/error.html", title=heading, detail=detail, status=status)


def failed(error: Exception) -> Response:
    """Nothing internal leaks; the incident's number leads to the log."""
    incident = uuid.uuid4().hex[:12]
    log.exception("%s %s, incident %s", request.method, request.path, incident, exc_info=error)
    detail = gettext(
        "As far as we know, nothing was changed. If you report this, mention incident %(id)s.", id=incident
    )
    return page("desk/frame/error.html", title=gettext("Something went wrong on our side"), detail=detail, status=500)


@unknown.get("/<path:_rest>", role=Role.MODERATOR)
def nothing(_rest: str) -> BaseResponse:
    """Every other address under the desk, so that its error is a page of the desk."""
    raise NotFound("check the address, or start from the queue")
