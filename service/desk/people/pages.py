"""People and accounts: inviting by a link, roles, one's own password and second factor."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.errors import FieldProblem, InvalidInput, NotAuthenticated
from moderation.people import accounts, moderators, roles, totp
from moderation.people.roles import Role
from moderation.store import people as people_store
from moderation.store import queue
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, page, site_where
from service.desk.people import qr_code
from service.desk.people.login import moderator_of, with_session
from service.passwords import hash_password, password_matches


def register(desk: Blueprint) -> None:
    desk.add_url_rule("/people", "people", show_people)
    desk.add_url_rule("/people/invite", "invite", invite, methods=["POST"])
    desk.add_url_rule("/people/withdraw", "withdraw_invitation", withdraw, methods=["POST"])
    desk.add_url_rule("/people/<uuid:moderator_id>/role", "set_role", set_role, methods=["POST"])
    desk.add_url_rule("/invitations/<token>", "invitation", invitation)
    desk.add_url_rule("/invitations/<token>", "accept_invitation", accept, methods=["POST"])
    desk.add_url_rule("/account", "account", account)
    desk.add_url_rule("/account/password", "change_password", change_password, methods=["POST"])
    desk.add_url_rule("/account/second-factor", "second_factor", second_factor, methods=["POST"])
    desk.add_url_rule("/account/sessions/end", "end_sessions", end_sessions, methods=["POST"])


def show_people(*, link: str | None = None) -> Response:
    site_id = site_where(Role.ADMIN)
    with gavel().database.read() as conn:
        found = people_store.people_of(conn, site_id)
        invitations = people_store.open_invitations(conn, site_id, now=utc_now())
        names = queue.site_names(conn, roles.sites_where(me(), Role.ADMIN))
    return page(
        "desk/people.html",
        people=found,
        invitations=invitations,
        site_id=site_id,
        site_names=names,
        roles=list(Role),
        link=link,
        days=moderators.INVITATION_DAYS,
    )


def invite() -> Response:
    site_id = site_where(Role.ADMIN)
    email, role = request.form.get("email", ""), _role(request.form.get("role", ""))
    token = moderators.invite(gavel().database, me(), site_id, email, role, now=utc_now())
    base = gavel().settings.public_url.rstrip("/") or request.host_url.rstrip("/")
    return show_people(link=base + url_for("desk.invitation", token=token))


def withdraw() -> Response:
    site_id = site_where(Role.ADMIN)
    moderators.withdraw_invitation(gavel().database, me(), site_id, request.form.get("digest", ""), now=utc_now())
    return redirect(url_for("desk.people", site=site_id), HTTPStatus.SEE_OTHER)


def set_role(moderator_id: UUID) -> Response:
    site_id, wanted = site_where(Role.ADMIN), request.form.get("role", "")
    role = None if wanted == "none" else _role(wanted)
    moderators.set_role(gavel().database, me(), site_id, str(moderator_id), role, now=utc_now())
    return redirect(url_for("desk.people", site=site_id), HTTPStatus.SEE_OTHER)


def invitation(token: str) -> Response:
    found = moderators.invitation(gavel().database, token, now=utc_now())
    try:
        logged_in = moderator_of(request)
    except NotAuthenticated:
        logged_in = None
    with gavel().database.read() as conn:
        site_name = queue.site_names(conn, (found.site_id,))[found.site_id]
        has_account = people_store.has_account(conn, found.email)
    return page(
        "desk/invitation.html",
        invitation=found,
        token=token,
        site_name=site_name,
        has_account=has_account,
        is_invited=logged_in is not None and logged_in.email == found.email,
    )


def accept(token: str) -> Response:
    db, now = gavel().database, utc_now()
    try:
        moderator = moderators.accept(db, moderator_of(request), token, now=now)
        return redirect(url_for("desk.review"), HTTPStatus.SEE_OTHER)
    except NotAuthenticated:
        moderators.invitation(db, token, now=now)  # hashing is dear, and only for whoever holds a good link
        hashed = hash_password(request.form.get("password", ""))
        moderator = moderators.accept_as_new(
            db, token, name=request.form.get("name", ""), password_hash=hashed, now=now
        )
    entered = accounts.open_session(db, moderator, now=now)
    return with_session(redirect(url_for("desk.review"), HTTPStatus.SEE_OTHER), entered.token)


def account() -> Response:
    secret = totp.new_secret()
    address = totp.address(secret, me().email)
    return page("desk/account.html", secret=secret, address=address, qr=qr_code.drawn(address))


def change_password() -> Response:
    """Ends every session; this browser gets a new one."""
    if not password_matches(me().password_hash, request.form.get("old", "")):
        raise InvalidInput(FieldProblem("old", "the old password is wrong"))
    moderators.set_password(gavel().database, me(), hash_password(request.form.get("new", "")), now=utc_now())
    return _fresh_session()


def second_factor() -> Response:
    if not password_matches(me().password_hash, request.form.get("password", "")):
        raise InvalidInput(FieldProblem("password", "the password is wrong"))
    if me().totp_secret is not None:
        moderators.drop_second_factor(gavel().database, me(), now=utc_now())
    else:
        secret = request.form.get("secret", "")
        if len(secret) != 32 or not set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
            raise InvalidInput(FieldProblem("secret", "the key is not one that this page made"))
        code = request.form.get("code", "")
        moderators.confirm_second_factor(gavel().database, me(), secret, code, now=utc_now())
    return redirect(url_for("desk.account"), HTTPStatus.SEE_OTHER)


def end_sessions() -> Response:
    accounts.log_out_everywhere(gavel().database, me(), now=utc_now())
    return _fresh_session()


def _fresh_session() -> Response:
    db = gavel().database
    with db.read() as conn:
        moderator = people_store.again(conn, me().id)
    entered = accounts.open_session(db, moderator, now=utc_now())
    return with_session(redirect(url_for("desk.account"), HTTPStatus.SEE_OTHER), entered.token)


def _role(value: str) -> Role:
    if value not in set(Role):
        raise InvalidInput(FieldProblem("role", "is not a role"))
    return Role(value)
