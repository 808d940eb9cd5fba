"""The people of a site: their roles, and invitations by a link."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, NotAuthenticated
from moderation.moderators.queue import rows as queue
from moderation.sites.people import accounts, moderators
from moderation.sites.people import rows as people_store
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import ANYBODY, Routes
from service.desk.people.login import moderator_of, refuse_without_passwords, with_session
from service.desk.people.provider import is_offered, provider_name
from service.languages.wording import N_
from service.passwords import hash_password

routes = Routes(under="people")


@routes.get("/people", role=Role.ADMIN, title=N_("People"), place=74, endpoint="people")
def show_people(*, link: str | None = None) -> Response:
    """``link`` is an invitation that was just created. It is shown only once."""
    site_id = site_asked()
    with gavel().database.read() as conn:
        people = people_store.people_of(conn, site_id)
        invitations = people_store.open_invitations(conn, site_id, now=utc_now())
        names = queue.site_names(conn, my_sites())
    return page(
        "desk/people/people.html",
        people=people,
        invitations=invitations,
        site_id=site_id,
        site_names=names,
        roles=list(Role),
        link=link,
        days=moderators.INVITATION_DAYS,
    )


@routes.post("/people/invite", role=Role.ADMIN)
def invite() -> Response:
    """Gavel sends no mail: the page shows a link for the admin to send."""
    site_id = site_asked()
    email, role = request.form.get("email", ""), _role(request.form.get("role", ""))
    token = moderators.invite(gavel().database, me(), site_id, email, role, now=utc_now())
    base = gavel().settings.public_url.rstrip("/") or request.host_url.rstrip("/")
    return show_people(link=base + url_for("desk.invitation", token=token))


@routes.post("/people/withdraw", role=Role.ADMIN, endpoint="withdraw_invitation")
def withdraw() -> Response:
    site_id = site_asked()
    moderators.withdraw_invitation(gavel().database, me(), site_id, request.form.get("digest", ""), now=utc_now())
    return redirect(url_for("desk.people", site=site_id), HTTPStatus.SEE_OTHER)


@routes.post("/people/<uuid:moderator_id>/role", role=Role.ADMIN)
def set_role(moderator_id: UUID) -> Response:
    """``none`` takes the person off the site."""
    site_id, wanted = site_asked(), request.form.get("role", "")
    role = None if wanted == "none" else _role(wanted)
    moderators.set_role(gavel().database, me(), site_id, str(moderator_id), role, now=utc_now())
    return redirect(url_for("desk.people", site=site_id), HTTPStatus.SEE_OTHER)


@routes.get("/invitations/<token>", role=ANYBODY, title=N_("Invitation"))
def invitation(token: str) -> Response:
    """For a person with an account, or for a new one."""
    invitation = moderators.invitation(gavel().database, token, now=utc_now())
    try:
        logged_in = moderator_of(request)
    except NotAuthenticated:
        logged_in = None
    with gavel().database.read() as conn:
        site_name = queue.site_names(conn, (invitation.site_id,))[invitation.site_id]
        has_account = people_store.has_account(conn, invitation.email)
    return page(
        "desk/people/invitation.html",
        invitation=invitation,
        token=token,
        site_name=site_name,
        has_account=has_account,
        is_invited=logged_in is not None and logged_in.email == invitation.email,
        passwords=gavel().settings.password_login,
        provider=provider_name() if is_offered() else "",
    )


@routes.post("/invitations/<token>", role=ANYBODY, endpoint="accept_invitation")
def accept(token: str) -> Response:
    """Joins the site with the account that is logged in, or with a new one that is logged in then."""
    db, now = gavel().database, utc_now()
    try:
        moderator = moderators.accept(db, moderator_of(request), token, now=now)
        return redirect(url_for("desk.review"), HTTPStatus.SEE_OTHER)
    except NotAuthenticated:
        refuse_without_passwords()
        moderators.invitation(db, token, now=now)  # hashing is slow: only people with a valid link may cause it
        hashed = hash_password(request.form.get("password", ""))
        moderator = moderators.accept_as_new(
            db, token, name=request.form.get("name", ""), password_hash=hashed, now=now
        )
    entered = accounts.open_session(db, moderator, now=now)
    return with_session(redirect(url_for("desk.review"), HTTPStatus.SEE_OTHER), entered.token)


def _role(value: str) -> Role:
    if value not in set(Role):
        raise InvalidInput(FieldProblem("role", N_("choose a role")))
    return Role(value)
