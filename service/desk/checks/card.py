"""The card of a comment that was drawn at random. Its reader judges the text in its context: the card has no status, no
score, no reason, no mark and no record of the author, in its source neither."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, LeadsDecide, StaleVersion
from moderation.insight.checks import reviewing as check_review
from moderation.insight.checks import rows as checks
from moderation.moderators.finding.context_rows import ReviewContext
from moderation.moderators.queue import rows as queue
from moderation.moderators.review import reviewing as review
from moderation.moderators.review.reviewing import ModeratorChoice
from moderation.sites import rows as sites
from moderation.sites.people.roles import Role, sites_where
from moderation.spine.comments import decision_rows as decisions
from service.context import gavel, utc_now
from service.desk.frame.addresses import id_in
from service.desk.frame.blind import blind_among
from service.desk.frame.excerpts import NEAR_CHARS, excerpts
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import in_figures, whole
from service.desk.frame.sentences.wording import reasons_in_words
from service.desk.frame.texts import marking
from service.desk.queue.offered_reasons import JUDGING, choice_in
from service.desk.queue.query import parse
from service.desk.review.status_line import status_line
from service.languages.wording import N_, gettext

routes = Routes(under="review")

COUNTED = 100  # beyond that the page says "100+"
GONE = N_("Somebody else judged that comment, or it changed. Here is the next one.")


@routes.get("/checks", role=Role.MODERATOR, title=N_("Checks"), endpoint="checks")
def start() -> Response:
    """The next comment to judge, or a page that says that none waits."""
    return _next(done=id_in(request.args.get("done")), gone="gone" in request.args)


@routes.get("/checks/<uuid:comment_id>", role=Role.MODERATOR, title=N_("Check"))
def check(comment_id: UUID) -> Response:
    """Opening it reserves it. A comment that waits for no check has its usual page."""
    return _card(str(comment_id), done=id_in(request.args.get("done")), gone="gone" in request.args)


@routes.post("/checks/<uuid:comment_id>/judgement", role=Role.MODERATOR)
def judge(comment_id: UUID) -> Response:
    """Judges the comment at the version that the card showed, and opens the next one."""
    hold_s = gavel().settings.event_hold_s
    try:
        decision = check_review.judge(gavel().database, me(), str(comment_id), _decided(), now=utc_now(), hold_s=hold_s)
    except StaleVersion:
        return redirect(url_for("desk.checks", gone=1), HTTPStatus.SEE_OTHER)
    except LeadsDecide as e:
        return _card(
            str(comment_id), notice=gettext("Nothing was changed: %(why)s.", why=e), status=HTTPStatus.FORBIDDEN
        )
    return redirect(url_for("desk.checks", done=decision.id if decision else None), HTTPStatus.SEE_OTHER)


@routes.post("/checks/<uuid:comment_id>/skip", role=Role.MODERATOR)
def skip_check(comment_id: UUID) -> Response:
    """Puts the comment off for this moderator for an hour, and opens the next one."""
    review.skip(gavel().database, me(), str(comment_id), now=utc_now())
    return redirect(url_for("desk.checks"), HTTPStatus.SEE_OTHER)


def _next(*, done: str | None, gone: bool) -> Response:
    comment_id = check_review.next_check(gavel().database, me(), now=utc_now())
    if comment_id is not None:
        address = url_for("desk.check", comment_id=comment_id, done=done, gone=1 if gone else None)
        return redirect(address, HTTPStatus.SEE_OTHER)
    view = parse({}, me(), now=utc_now())
    with gavel().database.read() as conn:
        around: dict[str, Any] = {"view": view, **_status(conn, done)}
    return page("desk/checks/none.html", notice=gettext(GONE) if gone else None, **around)


def _card(
    comment_id: str, *, done: str | None = None, gone: bool = False, notice: str | None = None, status: int = 200
) -> Response:
    now, db = utc_now(), gavel().database
    opened = check_review.open_check(db, me(), comment_id)
    if opened is None:
        return redirect(url_for("desk.comment", comment_id=comment_id), HTTPStatus.SEE_OTHER)
    is_mine = check_review.claim(db, me(), comment_id, now=now, lease_s=gavel().settings.claim_s)
    context = opened.context
    with db.read() as conn:
        reader = None if is_mine else queue.claimant(conn, comment_id, now=now)
        site = sites.get_site(conn, context.comment.site_id)
        near, concealed = _around(conn, context)
        waiting = checks.count_blind(conn, tuple(me().roles), reader_id=me().id, at_most=COUNTED + 1)
        around: dict[str, Any] = _status(conn, done, comment_id)
        site_names = queue.site_names(conn, tuple(me().roles))
    return page(
        "desk/checks/check.html",
        status=status,
        context=context,
        article=context.article,
        site=site,
        site_names=site_names,
        text=marking.veiled(context.comment.text),
        near=near,
        concealed=concealed,
        waiting=in_figures(waiting, COUNTED),
        rejection_reasons=reasons_in_words(site.settings, site.settings.offered_reasons),
        reader=reader[1] if reader else None,
        notice=gettext(GONE) if gone else notice,
        view=parse({}, me(), now=now),
        **around,
    )


def _status(conn: Connection, done: str | None, current: str | None = None) -> dict[str, Any]:
    return {**status_line(conn, done=done, current=current), "failed": _failed(conn, done)}


def _failed(conn: Connection, done: str | None) -> str | None:
    """The comment that this person judged just now, where the policy was wrong about it and they lead the site."""
    decision = decisions.find_decision(conn, done) if done else None
    if decision is None or decision.moderator_id != me().id or decision.site_id not in sites_where(me(), Role.LEAD):
        return None
    check = checks.of(conn, [decision.comment_id]).get(decision.comment_id)
    return decision.comment_id if check and check.outcome not in (None, check.verdict) else None


def _around(conn: Connection, context: ReviewContext) -> tuple[dict[str, marking.Excerpt], set[str]]:
    """The neighbours' texts, and those whose status is not to be seen either."""
    neighbours = [*context.ancestors, *context.replies]
    return excerpts(conn, neighbours, chars=NEAR_CHARS), blind_among(conn, [n.id for n in neighbours])


def _decided() -> ModeratorChoice:
    version = whole(request.form.get("version", ""))
    if version is None:
        raise InvalidInput(FieldProblem("version", "must be a number"))
    return choice_in(request.form, JUDGING, version=version)
