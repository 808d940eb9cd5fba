"""Asking a colleague about a comment, answering, and sharing out escalated comments among leads."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from moderation.deciding import escalation_owners, questions
from moderation.people.roles import Role
from moderation.store import escalations
from moderation.store import questions as store
from moderation.store.escalations import Owner
from moderation.store.questions import Question
from moderation.store.review_context import ReviewContext
from service.context import gavel, utc_now
from service.desk.frame import cached
from service.desk.frame.rendering import me
from service.desk.frame.routes import Routes
from service.desk.queue.query import parse_query

routes = Routes(under="review")

PEOPLE_S = 30.0  # a list of colleagues may be so old
LISTED = 5  # questions over the queue, and about one comment


@dataclass(frozen=True, slots=True)
class Together:
    """How people share a comment: questions about it, colleagues to ask, and of an escalated one its owner and the
    leads, if the reader is one."""

    questions: list[Question]
    colleagues: dict[str, str]
    owner: Owner | None
    leads: dict[str, str]


def about(conn: Connection, context: ReviewContext) -> Together:
    comment = context.comment
    is_lead = me().roles.get(comment.site_id) in escalation_owners.LEADS
    is_taken = context.escalated_at is not None
    return Together(
        questions=store.about(conn, comment.id, limit=LISTED),
        colleagues=cached.value(
            ("colleagues", comment.site_id, me().id),
            PEOPLE_S,
            lambda: questions.colleagues(conn, me(), comment.site_id),
        ),
        owner=escalations.owners(conn, [comment.id]).get(comment.id) if is_taken else None,
        leads=escalation_owners.leads(conn, comment.site_id) if is_lead and is_taken else {},
    )


def for_me(conn: Connection) -> dict[str, list[Question]]:
    """Questions that wait for my answer, and answers that I have not seen."""
    sites = tuple(me().roles)
    return {
        "asked_me": store.asked_of(conn, me().id, sites, limit=LISTED),
        "answers": store.answered_to(conn, me().id, sites, limit=LISTED),
    }


@routes.post("/comments/<uuid:comment_id>/questions", role=Role.MODERATOR)
def ask(comment_id: UUID) -> Response:
    """Asks a colleague, and goes on to the next comment."""
    view = parse_query(request.form.get("view", ""), me(), now=utc_now())
    colleague, text = request.form.get("colleague", ""), request.form.get("question", "")
    questions.ask(gavel().database, me(), str(comment_id), colleague_id=colleague, text=text, now=utc_now())
    return redirect(view.under(url_for("desk.review")), HTTPStatus.SEE_OTHER)


@routes.post("/questions/<uuid:question_id>/answer", role=Role.MODERATOR)
def answer(question_id: UUID) -> Response:
    """Answers, or with the other button hands the comment back without an answer."""
    db, id = gavel().database, str(question_id)
    if "back" in request.form:
        questions.hand_back(db, me(), id, now=utc_now())
    else:
        questions.answer(db, me(), id, request.form.get("answer", ""), now=utc_now())
    return redirect(url_for("desk.review"), HTTPStatus.SEE_OTHER)


@routes.post("/questions/<uuid:question_id>/take-back", role=Role.MODERATOR)
def take_back_question(question_id: UUID) -> Response:
    """Of the asker: they need no answer, or have read it. The comment is theirs to decide again."""
    question = questions.take_back(gavel().database, me(), str(question_id), now=utc_now())
    return redirect(url_for("desk.comment", comment_id=question.comment_id), HTTPStatus.SEE_OTHER)


@routes.post("/comments/<uuid:comment_id>/owner", role=Role.LEAD)
def give(comment_id: UUID) -> Response:
    """Gives an escalated comment to a lead, or with an empty ``owner`` to all of them."""
    to, id = request.form.get("owner") or None, str(comment_id)
    escalation_owners.give(gavel().database, me(), id, to, now=utc_now())
    if to == me().id:
        return redirect(url_for("desk.comment", comment_id=id, escalated=1), HTTPStatus.SEE_OTHER)
    return redirect(url_for("desk.review", escalated=1), HTTPStatus.SEE_OTHER)
