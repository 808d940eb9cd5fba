"""Logging in and out. The cookie holds a random token; the session itself is in the database and can be ended there."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Request, g, redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.environment.network import is_loopback
from moderation.ground.errors import LoginThrottled, NotAuthenticated
from moderation.sites.people import accounts
from moderation.sites.people.accounts import SESSION_HOURS
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator
from service.context import gavel, utc_now
from service.desk.frame import refusals
from service.desk.frame.rendering import page
from service.desk.frame.routes import ANYBODY, Routes
from service.desk.people import unfinished
from service.desk.people.unfinished import Unfinished
from service.desk.review import breaks
from service.languages.wording import N_, gettext
from service.passwords import password_matches, rehashed

routes = Routes()

PUBLIC = frozenset({"desk.login", "desk.log_in", "desk.invitation", "desk.accept_invitation"})
COOKIE = "gavel_session"


def moderator_of(request: Request) -> Moderator:
    """The person whose session this is. Raises NotAuthenticated."""
    token = request.cookies.get(_cookie_name())
    if not token:
        raise NotAuthenticated("nobody is logged in")
    return accounts.who_is(gavel().database, token, now=utc_now())


@routes.get("/login", role=ANYBODY, title=N_("Log in"))
def login() -> Response:
    """A person with a session goes straight on."""
    try:
        moderator_of(request)
    except NotAuthenticated:
        return _form("", _wanted(request.args.get("next")))
    return redirect(_wanted(request.args.get("next")), HTTPStatus.SEE_OTHER)


@routes.post("/login", role=ANYBODY, title=N_("Log in"))
def log_in() -> Response:
    """A wrong password or code shows the form again; too many slow the person and the address down."""
    email, wanted = request.form.get("email", ""), _wanted(request.form.get("next"))
    try:
        entered = accounts.log_in(
            gavel().database,
            email=email,
            password=request.form.get("password", ""),
            code=request.form.get("code", ""),
            address=request.remote_addr or "",
            verify=password_matches,
            now=utc_now(),
        )
    except NotAuthenticated as e:
        return _again(email, wanted, refusals.said_of(e), HTTPStatus.UNAUTHORIZED)
    except LoginThrottled as e:
        response = _again(email, wanted, refusals.said_of(e), HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(e.retry_after_s)
        return response
    if renewed := rehashed(entered.moderator.password_hash, request.form.get("password", "")):
        accounts.renew_hash(gavel().database, entered.moderator, renewed)
    breaks.rested(entered.moderator, utc_now())
    return with_session(_onward(entered.moderator, wanted), entered.token)


@routes.post("/logout", role=Role.MODERATOR)
def log_out() -> Response:
    """Ends this session only."""
    if token := request.cookies.get(_cookie_name()):
        accounts.log_out(gavel().database, token, now=utc_now())
    response = redirect(url_for("desk.login"), HTTPStatus.SEE_OTHER)
    response.delete_cookie(_cookie_name(), secure=_is_secure(), httponly=True, samesite="Lax")
    return response


def with_session(response: Response, token: str) -> Response:
    """Sets the session's cookie. Outside the demo only https carries it, and no other host can set it."""
    response.set_cookie(
        _cookie_name(), token, max_age=SESSION_HOURS * 3600, secure=_is_secure(), httponly=True, samesite="Lax"
    )
    return response


def ask_again_for(form: Unfinished) -> Response:
    """The login instead of an answer to a form whose session has ended. The form's entries stay on the page."""
    return _form("", url_for("desk.review"), status=HTTPStatus.UNAUTHORIZED, unfinished=form)


def _onward(moderator: Moderator, wanted: str) -> Response:
    form = unfinished.unpacked(request.form.get("unfinished"))
    if form is None:
        return redirect(wanted, HTTPStatus.SEE_OTHER)
    g.moderator = moderator
    return page("desk/people/unfinished.html", unfinished=form, comment_id=_comment_in(form.path), wanted=wanted)


def _comment_in(path: str) -> str | None:
    match = re.fullmatch(r"/desk/comments/([0-9a-f-]{36})/\w+", path)
    return match[1] if match else None


def _again(email: str, wanted: str, problem: str, status: HTTPStatus) -> Response:
    form = unfinished.unpacked(request.form.get("unfinished"))
    return _form(email, wanted, problem=problem, status=status, unfinished=form)


def _form(email: str, wanted: str, *, status: HTTPStatus = HTTPStatus.OK, **shown: Any) -> Response:
    template, plain_http = "desk/people/login.html", _is_plain_http()
    return page(
        template, title=gettext("Log in"), email=email, wanted=wanted, plain_http=plain_http, status=status, **shown
    )


def _wanted(path: str | None) -> str:
    """The page to open after the login: one of the desk, never of another site."""
    if path and path.startswith("/desk/") and path.isprintable() and "\\" not in path and "//" not in path:
        return path
    return url_for("desk.review")


def _is_plain_http() -> bool:
    """Whether the browser will drop the cookie. Where it keeps it, it sends ``Sec-Fetch-Site``: over https, also when a
    proxy says nothing of that, and to this very machine.
    """
    if not _is_secure() or request.is_secure or "Sec-Fetch-Site" in request.headers:
        return False
    return not is_loopback(urlsplit(request.host_url).hostname or "")


def _is_secure() -> bool:
    return not gavel().settings.demo  # the demo runs on plain http


def _cookie_name() -> str:
    return f"__Host-{COOKIE}" if _is_secure() else COOKIE
