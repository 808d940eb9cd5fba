"""Reviewing: the next comment, a moderator's decision about it, and undo."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import (
    FieldProblem,
    InvalidInput,
    LeadsDecide,
    MoveNotAllowed,
    PersonDecided,
    StaleVersion,
)
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.queue.view_rows import QueueOrder
from moderation.moderators.review import reviewing as review
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.addresses import id_in
from service.desk.frame.rendering import me
from service.desk.frame.routes import Routes
from service.desk.frame.sentences import wording
from service.desk.frame.sentences.numbers import whole
from service.desk.queue import filters
from service.desk.queue.offered_reasons import choice_in
from service.desk.queue.query import View, parse, parse_query
from service.desk.review import screen
from service.desk.review.opening import at, open_comment, open_next
from service.languages.wording import N_, gettext

routes = Routes(under="review")

BACK_TO = {"history": "desk.history", "list": "desk.in_list"}
"""The page that an undo leads back to, by its name in the form."""


@routes.get("/", role=Role.MODERATOR)
def home() -> Response:
    return redirect(url_for("desk.review"))


@routes.get("/review", role=Role.MODERATOR, title=N_("Review"), place=10, endpoint="review")
def start() -> Response:
    """The next comment of the view. The status filter may lead to published and rejected comments instead."""
    view, status = parse(request.args, me(), now=utc_now()), request.args.get("status", "")
    if status in filters.DECIDED:
        here_alone: dict[str, str | None] = {"escalated": None, "order": None, "signal": None}
        return redirect(view.under(url_for("desk.decided"), status=status, **here_alone))
    return open_next(view, done=id_in(request.args.get("done")))


@routes.get("/escalated", role=Role.MODERATOR, title=N_("Escalated"), place=20)
def escalated() -> Response:
    """Comments that wait for a lead."""
    return redirect(url_for("desk.review", escalated=1))


@routes.get("/review/<uuid:comment_id>", role=Role.MODERATOR)
def comment(comment_id: UUID) -> Response:
    """One comment; with ``thread`` the whole thread is unfolded in its place."""
    view, done = parse(request.args, me(), now=utc_now()), id_in(request.args.get("done"))
    return screen.comment(view, str(comment_id), done=done, whole_thread="thread" in request.args)


@routes.post("/comments/<uuid:comment_id>/decisions", role=Role.MODERATOR)
def decide(comment_id: UUID) -> Response:
    """Decides the comment at the version that the page showed, and opens the next one."""
    now, id = utc_now(), str(comment_id)
    view = parse_query(request.form.get("view", ""), me(), now=now)
    hold_s = gavel().settings.event_hold_s
    try:
        decision = review.decide(gavel().database, me(), id, chosen(), now=now, hold_s=hold_s)
    except StaleVersion as e:
        return _too_late(view, id, e)
    except LeadsDecide as e:
        return screen.comment(view, id, notice=_barred(e), status=HTTPStatus.FORBIDDEN)
    except PersonDecided as e:
        return screen.comment(view, id, notice=_person_decided(e), status=HTTPStatus.CONFLICT)
    except MoveNotAllowed as e:
        return screen.comment(view, id, notice=_moved(e.current), status=409)
    return open_next(view, after=id, done=decision.id)


@routes.post("/comments/<uuid:comment_id>/skip", role=Role.MODERATOR)
def skip(comment_id: UUID) -> Response:
    """Hides the comment from this moderator for an hour, and opens the next one."""
    view = parse_query(request.form.get("view", ""), me(), now=utc_now())
    review.skip(gavel().database, me(), str(comment_id), now=utc_now())
    return open_next(view, after=str(comment_id), done=str(comment_id))


@routes.post("/comments/<uuid:comment_id>/skip/take-back", role=Role.MODERATOR)
def take_back_skip(comment_id: UUID) -> Response:
    """Undoes a skip and opens its comment."""
    view, id = parse_query(request.form.get("view", ""), me(), now=utc_now()), str(comment_id)
    came_back = review.take_back_skip(gavel().database, me(), id)
    return open_comment(view, id, done=id if came_back else None)


@routes.post("/comments/<uuid:comment_id>/lighter", role=Role.MODERATOR)
def lighter(comment_id: UUID) -> Response:
    """Skips this comment and opens the least toxic one of the view. The view keeps its order."""
    now = utc_now()
    view = parse_query(request.form.get("view", ""), me(), now=now)
    review.skip(gavel().database, me(), str(comment_id), now=now)
    lightest = review.next_comment(gavel().database, me(), replace(view.queue, order=QueueOrder.LIGHTEST), now=now)
    return open_comment(view, lightest, done=str(comment_id)) if lightest else open_next(view, done=str(comment_id))


@routes.post("/comments/<uuid:comment_id>/claim", role=Role.MODERATOR)
def claim(comment_id: UUID) -> Response:
    """Keeps the comment reserved while its page is open."""
    review.claim(gavel().database, me(), str(comment_id), now=utc_now(), lease_s=gavel().settings.claim_s)
    return Response(status=HTTPStatus.NO_CONTENT)


@routes.post("/decisions/<uuid:decision_id>/undo", role=Role.MODERATOR)
def undo(decision_id: UUID) -> Response:
    """Undoes a decision and opens its comment."""
    now = utc_now()
    view = parse_query(request.form.get("view", ""), me(), now=now)
    decision = review.find_decision(gavel().database, me(), str(decision_id))
    hold_s = gavel().settings.event_hold_s
    try:
        undone = review.undo(gavel().database, me(), decision.id, now=now, hold_s=hold_s)
    except StaleVersion as e:
        return screen.comment(view, decision.comment_id, notice=_stale(e), status=HTTPStatus.CONFLICT)
    except LeadsDecide as e:
        return screen.comment(view, decision.comment_id, notice=_barred(e), status=HTTPStatus.FORBIDDEN)
    if (back := request.form.get("back")) in BACK_TO:
        return redirect(view.under(url_for(BACK_TO[back]), done=undone.id), HTTPStatus.SEE_OTHER)
    return open_comment(view, undone.comment_id, done=undone.id)


@routes.post("/skips/take-back", role=Role.MODERATOR)
def take_back_skips() -> Response:
    """Undoes all skips of this moderator."""
    review.take_back_skips(gavel().database, me())
    return open_next(parse_query(request.form.get("view", ""), me(), now=utc_now()))


def chosen() -> ModeratorChoice:
    """``choice`` is the button's value: approve, escalate, or reject with a reason after a colon."""
    version = whole(request.form.get("version", ""))
    if version is None:
        raise InvalidInput(FieldProblem("version", "must be a number"))
    overturns = id_in(request.form.get("overturns"))
    decided = choice_in(request.form, Choice, version=version)
    return replace(decided, answer=request.form.get("answer"), overturns=overturns)


def refusal(error: StaleVersion | LeadsDecide | PersonDecided | MoveNotAllowed) -> str:
    """Why a decision changed nothing."""
    match error:
        case StaleVersion():
            return _stale(error)
        case LeadsDecide():
            return _barred(error)
        case PersonDecided():
            return _person_decided(error)
        case _:
            return _moved(error.current)


def _too_late(view: View, comment_id: str, error: StaleVersion) -> Response:
    """Opens the next comment where somebody else has decided this one, so that the key that was refused cannot be
    pressed again on it. A comment that waits in a new version, or that was opened to overturn a decision, stays."""
    if error.status == CommentStatus.FLAGGED or request.form.get("overturns"):
        return screen.comment(view, comment_id, notice=_stale(error), status=HTTPStatus.CONFLICT)
    following = review.next_comment(gavel().database, me(), view.queue, now=utc_now(), after=comment_id)
    if following is None:
        answer = screen.nothing(view, notice=_stale(error), about=comment_id, status=HTTPStatus.CONFLICT)
        return at(answer, view.under(url_for("desk.review")))
    answer = screen.comment(view, following, notice=_stale(error), about=comment_id, status=HTTPStatus.CONFLICT)
    return at(answer, view.under(url_for("desk.comment", comment_id=following)))


def _stale(error: StaleVersion) -> str:
    status = wording.status_word(error.status)
    if error.decided_by:
        said = N_("%(name)s decided first: the comment is %(status)s now. Your decision was not saved.")
        return gettext(said, name=error.decided_by, status=status)
    return gettext("The comment changed meanwhile: it is %(status)s now. Your decision was not saved.", status=status)


def _moved(status: str) -> str:
    return gettext("Nothing was changed: the comment is %(status)s now.", status=wording.status_word(status))


def _person_decided(error: PersonDecided) -> str:
    said = N_("Nothing was changed: %(name)s decided this comment. Use the button under it to decide against that.")
    return gettext(said, name=error.by)


def _barred(error: LeadsDecide) -> str:
    return gettext("Nothing was changed: %(reason)s.", reason=error)
