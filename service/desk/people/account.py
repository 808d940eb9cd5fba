"""One's own account: the password, the second factor, and ending one's sessions."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.errors import FieldProblem, InvalidInput
from moderation.people import accounts, moderators, totp
from moderation.people.roles import Role
from moderation.store import people as people_store
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.people import qr_code
from service.desk.people.login import with_session
from service.passwords import hash_password, password_matches

routes = Routes()


@routes.get("/account", role=Role.MODERATOR, title="Your account")
def account() -> Response:
    """Each load offers a new key for the second factor; nothing is saved until a code confirms it."""
    secret = totp.new_secret()
    address = totp.address(secret, me().email)
    return page("desk/people/account.html", secret=secret, address=address, qr=qr_code.drawn(address))


@routes.post("/account/password", role=Role.MODERATOR)
def change_password() -> Response:
    """Ends every session; this browser gets a new one."""
    if not password_matches(me().password_hash, request.form.get("old", "")):
        raise InvalidInput(FieldProblem("old", "the current password is wrong"))
    moderators.set_password(gavel().database, me(), hash_password(request.form.get("new", "")), now=utc_now())
    return _fresh_session()


@routes.post("/account/second-factor", role=Role.MODERATOR)
def second_factor() -> Response:
    """Turns it on with a code from the app, or off. Both need the password."""
    if not password_matches(me().password_hash, request.form.get("password", "")):
        raise InvalidInput(FieldProblem("password", "the password is wrong"))
    if me().totp_secret is not None:
        moderators.drop_second_factor(gavel().database, me(), now=utc_now())
    else:
        secret = request.form.get("secret", "")
        if len(secret) != 32 or not set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
            raise InvalidInput(FieldProblem("secret", "this page did not make that key: load the page again"))
        code = request.form.get("code", "")
        moderators.confirm_second_factor(gavel().database, me(), secret, code, now=utc_now())
    return redirect(url_for("desk.account"), HTTPStatus.SEE_OTHER)


@routes.post("/account/sessions/end", role=Role.MODERATOR)
def end_sessions() -> Response:
    """Ends all sessions but this browser's, which gets a new one."""
    accounts.log_out_everywhere(gavel().database, me(), now=utc_now())
    return _fresh_session()


def _fresh_session() -> Response:
    db = gavel().database
    with db.read() as conn:
        moderator = people_store.again(conn, me().id)
    entered = accounts.open_session(db, moderator, now=utc_now())
    return with_session(redirect(url_for("desk.account"), HTTPStatus.SEE_OTHER), entered.token)
