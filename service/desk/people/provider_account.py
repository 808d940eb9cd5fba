"""Connecting one's account with a login at the provider, and ending that. Both need the password: so nobody connects
the account of a colleague who left the desk open."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, LoginThrottled
from moderation.sites.people import accounts, identities
from moderation.sites.people import rows as people_store
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame import refusals
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.people import login, provider_login
from service.desk.people.provider import openid, provider_name
from service.languages.wording import N_
from service.openid.problems import ProviderProblem
from service.passwords import password_matches

routes = Routes(under="account")


@routes.post("/account/provider", role=Role.MODERATOR, title=N_("Your account"))
def connect_provider() -> Response:
    """Shows the way to the provider: a form may not lead to another site, and this one's answer may not either."""
    _check_password()
    try:
        address, browser = provider_login.begin(wanted=url_for("desk.account"), moderator_id=me().id)
    except ProviderProblem as e:
        return provider_login.failed(e)
    except LoginThrottled as e:
        return login.form_again(refusals.said_of(e), HTTPStatus.TOO_MANY_REQUESTS)
    shown = page("desk/people/to_provider.html", address=address, provider=provider_name())
    return provider_login.with_browser(shown, browser)


@routes.post("/account/provider/end", role=Role.MODERATOR)
def disconnect_provider() -> Response:
    """Ends every session; this browser gets a new one."""
    _check_password()
    db, now = gavel().database, utc_now()
    identities.disconnect(db, me(), openid().registration.issuer, now=now)
    with db.read() as conn:
        moderator = people_store.again(conn, me().id)
    entered = accounts.open_session(db, moderator, now=now)
    return login.with_session(redirect(url_for("desk.account"), HTTPStatus.SEE_OTHER), entered.token)


def _check_password() -> None:
    login.refuse_without_passwords()
    if not password_matches(me().password_hash or None, request.form.get("password", "")):
        raise InvalidInput(FieldProblem("password", "the password is wrong"))
