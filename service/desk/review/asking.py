"""Asking a colleague about a comment, answering, and sharing out escalated comments among leads."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.moderators.queue.desk import escalation_owners, questions
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.rendering import me
from service.desk.frame.routes import Routes
from service.desk.queue.query import parse_query
from service.desk.review.opening import open_comment, open_next

routes = Routes(under="review")


@routes.post("/comments/<uuid:comment_id>/questions", role=Role.MODERATOR)
def ask(comment_id: UUID) -> Response:
    """Asks a colleague, and goes on to the next comment."""
    view = parse_query(request.form.get("view", ""), me(), now=utc_now())
    colleague, text = request.form.get("colleague", ""), request.form.get("question", "")
    questions.ask(gavel().database, me(), str(comment_id), colleague_id=colleague, text=text, now=utc_now())
    return open_next(view, after=str(comment_id), done=str(comment_id))


@routes.post("/questions/<uuid:question_id>/answer", role=Role.MODERATOR)
def answer(question_id: UUID) -> Response:
    """Answers, or with the other button hands the comment back without an answer."""
    db, id = gavel().database, str(question_id)
    if "back" in request.form:
        question = questions.hand_back(db, me(), id, now=utc_now())
    else:
        question = questions.answer(db, me(), id, request.form.get("answer", ""), now=utc_now())
    return redirect(url_for("desk.review", done=question.comment_id), HTTPStatus.SEE_OTHER)


@routes.post("/questions/<uuid:question_id>/take-back", role=Role.MODERATOR)
def take_back_question(question_id: UUID) -> Response:
    """Of the asker: they need no answer, or have read it. The comment is theirs to decide again."""
    view = parse_query(request.form.get("view", ""), me(), now=utc_now())
    question = questions.take_back(gavel().database, me(), str(question_id), now=utc_now())
    return open_comment(view, question.comment_id, done=question.id)


@routes.post("/comments/<uuid:comment_id>/owner", role=Role.LEAD)
def give(comment_id: UUID) -> Response:
    """Gives an escalated comment to a lead, or with an empty ``owner`` to all of them."""
    to, id = request.form.get("owner") or None, str(comment_id)
    escalation_owners.give(gavel().database, me(), id, to, now=utc_now())
    if to == me().id:
        return redirect(url_for("desk.comment", comment_id=id, escalated=1), HTTPStatus.SEE_OTHER)
    return redirect(url_for("desk.review", escalated=1), HTTPStatus.SEE_OTHER)
