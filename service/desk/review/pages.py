"""Reviewing: the next comment, what a moderator decides about it, and taking that back."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.deciding import review
from moderation.deciding.review import Choice, Decided
from moderation.errors import FieldProblem, InvalidInput, LeadsDecide, MoveNotAllowed, StaleVersion
from moderation.store.queue_view import Order
from moderation.store.sites import set_preferences
from service.context import gavel, utc_now
from service.desk.frame.rendering import is_partial, me, page
from service.desk.queue import filters
from service.desk.queue.query import View, parse, parse_query
from service.desk.review import screen

PREFERENCES = ("show_words", "keys_off", "no_breaks")
KEYS = (
    ("a", "approve"), ("r", "reject, without a reason"), ("1 – 6", "reject with that reason"),
    ("e", "escalate: ask a lead to decide"), ("s", "skip: put it off for an hour, for you alone"),
    ("l", "something lighter next; this one is put off"),
    ("n", "write a note that goes with the decision"),
    ("z", "undo your last decision or skip; again for the one before"),
    ("j", "next in the queue"), ("k", "previous in the queue"), ("m", "show or hide flagged words"),
    ("t", "open the thread above"), ("o", "open the article"), ("u", "the author"),
    ("/", "search"), ("?", "this page"), ("Esc", "leave a field"),
)  # fmt: skip


def register(desk: Blueprint) -> None:
    desk.add_url_rule("/", "home", home)
    desk.add_url_rule("/review", "review", start)
    desk.add_url_rule("/escalated", "escalated", escalated)
    desk.add_url_rule("/review/<uuid:comment_id>", "comment", comment)
    desk.add_url_rule("/comments/<uuid:comment_id>/decisions", "decide", decide, methods=["POST"])
    desk.add_url_rule("/comments/<uuid:comment_id>/skip", "skip", skip, methods=["POST"])
    desk.add_url_rule("/comments/<uuid:comment_id>/skip/take-back", "take_back_skip", take_back_skip, methods=["POST"])
    desk.add_url_rule("/comments/<uuid:comment_id>/lighter", "lighter", lighter, methods=["POST"])
    desk.add_url_rule("/comments/<uuid:comment_id>/claim", "claim", claim, methods=["POST"])
    desk.add_url_rule("/decisions/<uuid:decision_id>/undo", "undo", undo, methods=["POST"])
    desk.add_url_rule("/skips/take-back", "take_back_skips", take_back_skips, methods=["POST"])
    desk.add_url_rule("/help", "help", help_page)
    desk.add_url_rule("/preferences", "preferences", preferences, methods=["POST"])


def home() -> Response:
    return redirect(url_for("desk.review"))


def start() -> Response:
    view, status = parse(request.args, me(), now=utc_now()), request.args.get("status", "")
    if status in filters.DECIDED:
        here_alone: dict[str, str | None] = {"escalated": None, "order": None, "signal": None}
        return redirect(view.under(url_for("desk.decided"), status=status, **here_alone))
    return _next(view)


def escalated() -> Response:
    """The part of the queue that waits for a lead."""
    return redirect(url_for("desk.review", escalated=1))


def comment(comment_id: UUID) -> Response:
    return screen.comment(parse(request.args, me(), now=utc_now()), str(comment_id), done=_id(request.args.get("done")))


def decide(comment_id: UUID) -> Response:
    now, id = utc_now(), str(comment_id)
    view = parse_query(request.form.get("view", ""), me(), now=now)
    hold_s = gavel().settings.event_hold_s
    try:
        made = review.decide(gavel().database, me(), id, _decided(), now=now, hold_s=hold_s)
    except StaleVersion as e:
        return screen.comment(view, id, notice=_stale(e), status=HTTPStatus.CONFLICT)
    except LeadsDecide as e:
        return screen.comment(view, id, notice=_barred(e), status=HTTPStatus.FORBIDDEN)
    except MoveNotAllowed as e:
        return screen.comment(view, id, notice=f"Nothing was changed: the comment is {e.current}.", status=409)
    return _next(view, after=id, done=made.id)


def skip(comment_id: UUID) -> Response:
    view = parse_query(request.form.get("view", ""), me(), now=utc_now())
    review.skip(gavel().database, me(), str(comment_id), now=utc_now())
    return _next(view, after=str(comment_id), done=str(comment_id))


def take_back_skip(comment_id: UUID) -> Response:
    """Opens a comment again that was put off."""
    view, id = parse_query(request.form.get("view", ""), me(), now=utc_now()), str(comment_id)
    came_back = review.take_back_skip(gavel().database, me(), id)
    return _open(view, id, done=id if came_back else None)


def lighter(comment_id: UUID) -> Response:
    """Puts this one off and opens the least toxic of the view instead; the order of the view stays as it was."""
    now = utc_now()
    view = parse_query(request.form.get("view", ""), me(), now=now)
    review.skip(gavel().database, me(), str(comment_id), now=now)
    found = review.next_comment(gavel().database, me(), replace(view.queue, order=Order.LIGHTEST), now=now)
    return _open(view, found, done=str(comment_id)) if found else _next(view, done=str(comment_id))


def claim(comment_id: UUID) -> Response:
    """Renews the lease while the page is open."""
    review.claim(gavel().database, me(), str(comment_id), now=utc_now(), lease_s=gavel().settings.claim_s)
    return Response(status=HTTPStatus.NO_CONTENT)


def undo(decision_id: UUID) -> Response:
    """Takes back a decision and opens its comment again."""
    now = utc_now()
    view = parse_query(request.form.get("view", ""), me(), now=now)
    decision = review.find_decision(gavel().database, me(), str(decision_id))
    hold_s = gavel().settings.event_hold_s
    try:
        made = review.undo(gavel().database, me(), decision.id, now=now, hold_s=hold_s)
    except StaleVersion as e:
        return screen.comment(view, decision.comment_id, notice=_stale(e), status=HTTPStatus.CONFLICT)
    except LeadsDecide as e:
        return screen.comment(view, decision.comment_id, notice=_barred(e), status=HTTPStatus.FORBIDDEN)
    if request.form.get("back") == "history":
        return redirect(url_for("desk.history", done=made.id), HTTPStatus.SEE_OTHER)
    return _open(view, made.comment_id, done=made.id)


def take_back_skips() -> Response:
    review.take_back_skips(gavel().database, me())
    return _next(parse_query(request.form.get("view", ""), me(), now=utc_now()))


def help_page() -> Response:
    return page("desk/help.html", keys=KEYS, hold_s=round(gavel().settings.event_hold_s))


def preferences() -> Response:
    """A form with its boxes: what is not ticked is off. ``known`` names the boxes that the form has."""
    known = [name for name in request.form.getlist("known") if name in PREFERENCES]
    ticked = {name: name in request.form for name in known}
    with gavel().database.write() as conn:
        set_preferences(conn, me().id, {**me().preferences, **ticked})
    if is_partial():
        return Response(status=HTTPStatus.NO_CONTENT)
    return redirect(request.referrer or url_for("desk.review"), HTTPStatus.SEE_OTHER)


def _decided() -> Decided:
    """``choice`` is the button's value: approve, escalate, reject, or reject with a reason after a colon."""
    choice, _colon, reason = request.form.get("choice", "").partition(":")
    if choice not in set(Choice):
        raise InvalidInput(FieldProblem("choice", "is not a choice"))
    version = request.form.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        raise InvalidInput(FieldProblem("version", "is not a number"))
    return Decided(Choice(choice), int(version), reason or None, request.form.get("note"))


def _next(view: View, *, after: str | None = None, done: str | None = None) -> Response:
    found = review.next_comment(gavel().database, me(), view.queue, now=utc_now(), after=after)
    if found is not None:
        return _open(view, found, done=done)
    if request.method == "GET" or is_partial():
        return _at(screen.nothing(view, done=done), view.under(url_for("desk.review")))
    return redirect(view.under(url_for("desk.review")), HTTPStatus.SEE_OTHER)


def _open(view: View, comment_id: str, *, done: str | None) -> Response:
    """htmx gets the screen in this very answer; a form without it is sent to the page's own address."""
    path = url_for("desk.comment", comment_id=comment_id)
    if is_partial():
        return _at(screen.comment(view, comment_id, done=done), view.under(path))
    return redirect(view.under(path, done=done), HTTPStatus.SEE_OTHER)


def _at(answer: Response, address: str) -> Response:
    response = make_response(answer)
    response.headers["HX-Push-Url"] = address
    return response


def _stale(error: StaleVersion) -> str:
    who = f"{error.decided_by} was faster" if error.decided_by else "The comment changed meanwhile"
    return f"{who}: the comment is {error.status} now. Nothing was changed by you."


def _barred(error: LeadsDecide) -> str:
    return f"Nothing was changed: {error}."


def _id(value: str | None) -> str | None:
    try:
        return str(UUID(value)) if value else None
    except ValueError:
        return None
