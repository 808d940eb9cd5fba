"""Logging in and out. The cookie holds a random token; the session itself is in the database and can be ended there."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Request, g, redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.environment.network import is_loopback
from moderation.ground.errors import LoginThrottled, NotAllowed, NotAuthenticated
from moderation.sites.people import accounts, identities
from moderation.sites.people.accounts import SESSION_HOURS
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator
from service.context import gavel, utc_now
from service.desk.frame import refusals
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import ANYBODY, Routes
from service.desk.people import unfinished
from service.desk.people.provider import is_offered, provider_name
from service.desk.people.unfinished import Unfinished
from service.desk.review import breaks
from service.languages.wording import N_, gettext
from service.passwords import password_matches, rehashed

routes = Routes()

COOKIE = "gavel_session"
LONGEST_PATH = 2000  # of the page to open after the login


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
        return _form("", wanted_page(request.args.get("next")), left=request.args.get("left") == "1")
    return redirect(wanted_page(request.args.get("next")), HTTPStatus.SEE_OTHER)


@routes.post("/login", role=ANYBODY, title=N_("Log in"))
def log_in() -> Response:
    """A wrong password or code shows the form again; too many slow the person and the address down."""
    refuse_without_passwords()
    email, wanted = request.form.get("email", ""), wanted_page(request.form.get("next"))
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


@routes.post("/login/resume", role=ANYBODY, title=N_("Log in"))
def resume() -> Response:
    """The unfinished form of a person who has logged in with the provider, in another tab."""
    try:
        return _onward(moderator_of(request), wanted_page(request.form.get("next")))
    except NotAuthenticated:
        problem = gettext("You are not logged in yet.")
        return _again("", wanted_page(request.form.get("next")), problem, HTTPStatus.UNAUTHORIZED)


@routes.post("/logout", role=Role.MODERATOR)
def log_out() -> Response:
    """Ends this session only. The login page says how to end the one at the provider."""
    if token := request.cookies.get(_cookie_name()):
        accounts.log_out(gavel().database, token, now=utc_now())
    is_connected = identities.identity_of(gavel().database, me(), gavel().settings.oidc_issuer) is not None
    response = redirect(url_for("desk.login", left="1" if is_connected else None), HTTPStatus.SEE_OTHER)
    response.delete_cookie(_cookie_name(), secure=_is_secure(), httponly=True, samesite="Lax")
    return response


def with_session(response: Response, token: str) -> Response:
    """Sets the session's cookie."""
    return with_cookie(response, _cookie_name(), token, max_age_s=SESSION_HOURS * 3600)


def with_cookie(response: Response, name: str, value: str, *, max_age_s: int) -> Response:
    """Outside the demo only https carries the cookie, and no other host can set it."""
    response.set_cookie(name, value, max_age=max_age_s, secure=_is_secure(), httponly=True, samesite="Lax")
    return response


def form_again(problem: str, status: HTTPStatus) -> Response:
    """The login page with what went wrong at the provider."""
    return _form("", url_for("desk.review"), problem=problem, status=status)


def refuse_without_passwords() -> None:
    """Raises NotAllowed where people log in with a provider only."""
    if not gavel().settings.password_login:
        raise NotAllowed("passwords are switched off: log in with your provider")


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
    return page(
        "desk/people/login.html",
        title=gettext("Log in"),
        email=email,
        wanted=wanted,
        plain_http=_is_plain_http(),
        passwords=gavel().settings.password_login,
        provider=provider_name() if is_offered() else "",
        status=status,
        **shown,
    )


def wanted_page(path: str | None) -> str:
    """The page to open after the login: one of the desk, never of another site."""
    if (
        path
        and len(path) <= LONGEST_PATH
        and path.startswith("/desk/")
        and path.isprintable()
        and "\\" not in path
        and "//" not in path
    ):
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
