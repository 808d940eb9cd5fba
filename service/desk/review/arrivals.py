"""Tells every open page of the desk about escalations and questions that came since it was made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flask import jsonify, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from moderation.moderators.queue.desk import arrival_rows as store
from moderation.moderators.queue.desk import question_rows as questions
from moderation.sites.people.accounts import SESSION_HOURS
from moderation.sites.people.roles import Role, sites_where
from service.context import gavel, utc_now
from service.desk.frame import tallies
from service.desk.frame.rendering import me
from service.desk.frame.routes import Routes
from service.languages.wording import gettext

routes = Routes(under="review")

LISTED = 5  # of each kind


@routes.get("/arrivals", role=Role.MODERATOR, endpoint="arrivals")
def show() -> Response:
    """JSON: the numbers beside the tabs, and a line with an address for each arrival."""
    since = _moment(request.args.get("since", ""), utc_now())
    with gavel().database.read() as conn:
        counted = tallies.in_transaction(conn, me())
        arrived = [*_escalated(conn, since), *_asked(conn, since)]
    return jsonify(tallies=counted.by_page, arrived=arrived)


def _escalated(conn: Connection, since: datetime) -> Iterator[dict[str, str]]:
    """The escalated comments, for those who may decide them."""
    for escalation in store.escalated_since(conn, sites_where(me(), Role.LEAD), since, reader_id=me().id, limit=LISTED):
        author = escalation.author_name or gettext("No name")
        words = gettext("%(name)s asks a lead to decide a comment by %(author)s.", name=escalation.by, author=author)
        address = url_for("desk.comment", comment_id=escalation.comment_id, escalated=1)
        yield {"id": f"escalated:{escalation.comment_id}", "words": words, "address": address}


def _asked(conn: Connection, since: datetime) -> Iterator[dict[str, str]]:
    """Without the words of the question, which may quote the comment."""
    asked_me, answers = questions.waiting_for(conn, me().id, tuple(me().roles), limit=LISTED)
    for question in asked_me:
        if question.created_at > since:
            words = gettext("%(name)s asks you about a comment.", name=question.asker)
            yield {"id": f"question:{question.id}", "words": words, "address": _address(question.comment_id)}
    for question in answers:
        if question.closed_at is not None and question.closed_at > since:
            answered = gettext("%(name)s has answered your question.", name=question.asked)
            back = gettext("%(name)s has handed your question back.", name=question.asked)
            words = answered if question.answer else back
            yield {"id": f"answer:{question.id}", "words": words, "address": _address(question.comment_id)}


def _address(comment_id: str) -> str:
    return url_for("desk.comment", comment_id=comment_id)


def _moment(value: str, now: datetime) -> datetime:
    """Of the page, as it named it; a page that was open all night gets what came in one shift."""
    earliest = now - timedelta(hours=SESSION_HOURS)
    try:
        given = datetime.fromisoformat(value)
    except ValueError:
        return now
    return max(earliest, given if given.tzinfo else given.replace(tzinfo=UTC))
