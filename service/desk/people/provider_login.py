"""Logging in with a provider: to its page, and back with a code.

Nothing that the provider or the browser sends is shown or logged as it is: each failure has a sentence of ours.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import LoginThrottled, NotAuthenticated, NotFound
from moderation.sites.people import accounts, identities, moderators, provider_logins
from moderation.sites.people.identities import LoginRefusal, LoginRefused
from moderation.sites.people.identity_rows import BegunLogin
from moderation.sites.rows import Moderator
from service.context import gavel, utc_now
from service.desk.frame import refusals
from service.desk.frame.routes import ANYBODY, Routes
from service.desk.people import login
from service.desk.people.provider import after_logout, cookie_name, openid, provider_name, return_address
from service.desk.review import breaks
from service.languages.wording import N_, gettext
from service.openid.client import OpenId, Secrets
from service.openid.problems import ProblemKind, ProviderProblem

log = logging.getLogger(__name__)

routes = Routes()

PROBLEMS: Mapping[ProblemKind, str] = {
    ProblemKind.AWAY: N_("%(provider)s does not answer. Try again in a minute, or tell the people who run Gavel."),
    ProblemKind.BUSY: N_("Many people are logging in at this moment. Try again in a minute."),
    ProblemKind.GARBLED: N_("%(provider)s answers in a way that Gavel cannot read. Tell the people who run Gavel."),
    ProblemKind.SET_UP: N_(
        "Gavel and %(provider)s do not know each other. Tell the people who run Gavel: “gavel login check” says why."
    ),
    ProblemKind.NOT_FOR_US: N_(
        "The answer of %(provider)s is not valid for this login. Log in again; if it happens twice, tell the people "
        "who run Gavel."
    ),
    ProblemKind.CLOCK: N_(
        "The clocks of Gavel and %(provider)s differ, so your login seems too old or too new. Tell the people who "
        "run Gavel."
    ),
    ProblemKind.DECLINED: N_("You did not agree at %(provider)s. To log in, begin again and agree."),
    ProblemKind.REFUSED: N_("%(provider)s did not log you in. Begin again, or ask the people who run it."),
    ProblemKind.TOO_MANY_GROUPS: N_(
        "%(provider)s does not list your groups: there are too many. Tell the people who run Gavel."
    ),
}
REFUSALS: Mapping[LoginRefusal, str] = {
    LoginRefusal.NO_GROUP: N_(
        "You are in no group at %(provider)s that may moderate here. Ask the people who run it to add you."
    ),
    LoginRefusal.NOT_INVITED: N_(
        "You have no account here yet. Ask an admin to invite the address that you have at %(provider)s."
    ),
    LoginRefusal.NO_EMAIL: N_("%(provider)s has no e-mail address of yours. Ask the people who run it to add one."),
    LoginRefusal.KNOWN_EMAIL: N_(
        "There is an account with your address already. Log in with your password and connect it on the page “Your "
        "account”, or ask an admin to invite you once more."
    ),
    LoginRefusal.UNVERIFIED_EMAIL: N_(
        "%(provider)s has not verified your e-mail address, so your invitation does not count. Verify it there, then "
        "log in again."
    ),
    LoginRefusal.OTHER_PERSON: N_(
        "This account is connected to another login at %(provider)s. Ask the people who run Gavel to connect it anew."
    ),
    LoginRefusal.CLOSED: N_("Your account here is closed. If that is a mistake, ask the people who run Gavel."),
    LoginRefusal.TAKEN: N_("This login at %(provider)s is connected to another account already."),
}
STALE = N_("This login began in another browser, more than ten minutes ago, or is over already. Begin again.")
UNREACHABLE = frozenset({ProblemKind.AWAY, ProblemKind.BUSY})


@routes.get("/login/provider", role=ANYBODY, title=N_("Log in"))
def provider_login() -> Response:
    """Goes to the provider."""
    wanted = login.wanted_page(request.args.get("next"))
    try:
        address, browser = begin(wanted=wanted, moderator_id=None)
    except ProviderProblem as e:
        return failed(e)
    except LoginThrottled as e:
        return login.form_again(refusals.said_of(e), HTTPStatus.TOO_MANY_REQUESTS)
    return with_browser(redirect(address, HTTPStatus.SEE_OTHER), browser)


@routes.get("/login/callback", role=ANYBODY, title=N_("Log in"))
def provider_callback() -> Response:
    """The provider sends the browser back here, with a code or an error."""
    ours, state, browser = openid(), request.args.get("state", ""), request.cookies.get(cookie_name(), "")
    begun = provider_logins.take(gavel().database, state=state, browser=browser, now=utc_now())
    if begun is None:
        return login.form_again(gettext(STALE), HTTPStatus.BAD_REQUEST)
    try:
        return _arrived(ours, begun, state)
    except ProviderProblem as e:
        return failed(e)
    except LoginRefused as e:
        log.warning("a login with the provider was refused: %s", e)
        sentence = gettext(REFUSALS[e.refusal], provider=provider_name())
        return login.form_again(sentence, HTTPStatus.FORBIDDEN)


@routes.get("/login/leave", role=ANYBODY, title=N_("Log in"))
def leave_provider() -> Response:
    """On to the provider's page for logging out there, if it has one."""
    try:
        address = openid().leaving(after_logout())
    except ProviderProblem as e:
        return failed(e)
    if address is None:
        sentence = gettext("%(provider)s has no page for this: log out at its own site.", provider=provider_name())
        return login.form_again(sentence, HTTPStatus.NOT_FOUND)
    return redirect(address, HTTPStatus.SEE_OTHER)


def begin(*, wanted: str, moderator_id: str | None) -> tuple[str, str]:
    """The provider's page, and the cookie that ties the way back to this browser; several tabs share it. Raises
    ProviderProblem and LoginThrottled."""
    fresh = Secrets.new()
    address = openid().beginning(fresh, return_address())
    browser = request.cookies.get(cookie_name()) or secrets.token_urlsafe(32)
    provider_logins.begin(
        gavel().database,
        BegunLogin(fresh.nonce, fresh.verifier, wanted, moderator_id),
        state=fresh.state,
        browser=browser,
        address=request.remote_addr or "",
        now=utc_now(),
    )
    return address, browser


def with_browser(response: Response, browser: str) -> Response:
    """Sets the cookie of a login that has begun."""
    return login.with_cookie(response, cookie_name(), browser, max_age_s=provider_logins.MINUTES * 60)


def _arrived(ours: OpenId, begun: BegunLogin, state: str) -> Response:
    """Raises ProviderProblem and LoginRefused."""
    now, db = utc_now(), gavel().database
    ours.check_answer(request.args.get("iss"), request.args.get("error"))
    began_with = Secrets(state, begun.nonce, begun.verifier)
    person = ours.person(request.args.get("code", ""), began_with, return_address(), now=now)
    if begun.moderator_id is not None:
        owner = _owner(begun.moderator_id)
        if owner is None:
            return login.form_again(gettext(STALE), HTTPStatus.BAD_REQUEST)
        identities.connect(db, owner, person, now=now)
        return redirect(url_for("desk.account", _anchor="provider"), HTTPStatus.SEE_OTHER)
    moderator = identities.enter(db, person, gavel().settings.oidc_roles, now=now)
    entered = accounts.open_session(db, moderator, now=now)
    breaks.rested(moderator, now)
    return login.with_session(redirect(_onward(begun.wanted), HTTPStatus.SEE_OTHER), entered.token)


def _onward(wanted: str) -> str:
    """The page that was wanted, unless it is an invitation that this login has used."""
    before, _slash, token = wanted.rpartition("/")
    if before.endswith("/invitations"):
        try:
            moderators.invitation(gavel().database, token, now=utc_now())
        except NotFound:
            return url_for("desk.review")
    return wanted


def _owner(moderator_id: str) -> Moderator | None:
    """The person whose account is to be connected; None unless they are the one who is logged in here now."""
    try:
        moderator = login.moderator_of(request)
    except NotAuthenticated:
        return None
    return moderator if moderator.id == moderator_id else None


def failed(problem: ProviderProblem) -> Response:
    """The login page, with what to do now."""
    log.warning("a login with the provider failed: %s", problem)
    status = HTTPStatus.SERVICE_UNAVAILABLE if problem.kind in UNREACHABLE else HTTPStatus.BAD_GATEWAY
    if problem.kind in (ProblemKind.DECLINED, ProblemKind.REFUSED, ProblemKind.NOT_FOR_US):
        status = HTTPStatus.FORBIDDEN
    return login.form_again(gettext(PROBLEMS[problem.kind], provider=provider_name()), status)
