"""One's own account: the password, the second factor, and ending one's sessions."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

import segno
from flask import redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.sites.people import accounts, identities, moderators, totp
from moderation.sites.people import recovery_rows as recovery_codes
from moderation.sites.people import rows as people_store
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.people import languages
from service.desk.people.login import refuse_without_passwords, with_session
from service.desk.people.provider import is_offered, provider_name
from service.languages.choice import zones
from service.languages.wording import N_
from service.passwords import hash_password, password_matches

QUIET_ZONE = 4  # modules of white around the code, as ISO/IEC 18004 requires


def drawn(text: str) -> Markup:
    """Black on white in light and dark: many readers cannot see it the other way round."""
    code = segno.make_qr(text, error="m")
    svg = code.svg_inline(border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return Markup(svg)


routes = Routes()

BASE32 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


@routes.get("/account", role=Role.MODERATOR, title=N_("Your account"))
def account() -> Response:
    """Each load offers a new key for the second factor; nothing is saved until a code confirms it."""
    return _account()


def _account(*, secret: str | None = None, problem: FieldProblem | None = None, codes: Sequence[str] = ()) -> Response:
    """With the ``secret`` that was scanned already, what was wrong, or new recovery codes, which are shown once."""
    secret = secret or totp.new_secret()
    address = totp.address(secret, me().email)
    with gavel().database.read() as conn:
        left = recovery_codes.count(conn, me().id)
    return page(
        "desk/people/account.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        secret=secret,
        address=address,
        qr=drawn(address),
        problem=problem,
        codes=codes,
        codes_left=left,
        languages=languages.offered(),
        zones=zones(),
        is_on=me().totp_secret is not None or bool(codes),
        has_password=gavel().settings.password_login and me().password_hash != accounts.NO_PASSWORD,
        provider=provider_name() if is_offered() else "",
        is_connected=identities.identity_of(gavel().database, me(), gavel().settings.oidc_issuer) is not None,
    )


@routes.post("/account/password", role=Role.MODERATOR)
def change_password() -> Response:
    """Ends every session; this browser gets a new one."""
    refuse_without_passwords()
    if not password_matches(me().password_hash or None, request.form.get("old", "")):
        raise InvalidInput(FieldProblem("old", "the current password is wrong"))
    moderators.set_password(gavel().database, me(), hash_password(request.form.get("new", "")), now=utc_now())
    return _fresh_session()


@routes.post("/account/second-factor", role=Role.MODERATOR)
def second_factor() -> Response:
    """Turns it on with a code from the app, or off. Both need the password. After a mistake the key that was scanned
    stays."""
    secret = request.form.get("secret", "") if me().totp_secret is None else None
    if secret is not None and (len(secret) != 32 or not set(secret) <= BASE32):
        raise InvalidInput(FieldProblem("secret", "this page did not make that key: load the page again"))
    try:
        _check_password()
        if secret is None:
            moderators.drop_second_factor(gavel().database, me(), now=utc_now())
            return redirect(url_for("desk.account"), HTTPStatus.SEE_OTHER)
        code = request.form.get("code", "")
        codes = moderators.confirm_second_factor(gavel().database, me(), secret, code, now=utc_now())
    except InvalidInput as e:
        return _account(secret=secret, problem=e.problems[0])
    return _account(codes=codes)


@routes.post("/account/recovery-codes", role=Role.MODERATOR)
def renew_recovery_codes() -> Response:
    """Shows new ones once; the old ones no longer work."""
    try:
        _check_password()
    except InvalidInput as e:
        return _account(problem=e.problems[0])
    return _account(codes=moderators.renew_recovery_codes(gavel().database, me(), now=utc_now()))


@routes.post("/account/sessions/end", role=Role.MODERATOR)
def end_sessions() -> Response:
    """Ends all sessions but this browser's, which gets a new one."""
    accounts.log_out_everywhere(gavel().database, me(), now=utc_now())
    return _fresh_session()


def _check_password() -> None:
    refuse_without_passwords()
    if not password_matches(me().password_hash or None, request.form.get("password", "")):
        raise InvalidInput(FieldProblem("password", "the password is wrong"))


def _fresh_session() -> Response:
    db = gavel().database
    with db.read() as conn:
        moderator = people_store.again(conn, me().id)
    entered = accounts.open_session(db, moderator, now=utc_now())
    return with_session(redirect(url_for("desk.account"), HTTPStatus.SEE_OTHER), entered.token)
