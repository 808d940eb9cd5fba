"""One moderator asks another about a comment. The comment stays in the queue: whoever decides it first decides it, and
the question is over. Until then it is put off for the asker."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, MoveNotAllowed, NotFound
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.desk import question_rows as store
from moderation.moderators.queue.desk import skip_rows as skips
from moderation.moderators.queue.desk.question_rows import Question
from moderation.sites.people import rows as people
from moderation.sites.rows import Moderator
from moderation.spine.comments import rows as comments

MAX_CHARS = 1_000
MOST = 5  # open ones about one comment


def colleagues(conn: Connection, moderator: Moderator, site_id: str) -> dict[str, str]:
    """Names by id of everybody else who works for the site, in the order of the names."""
    return {person.id: person.name for person in people.people_of(conn, site_id) if person.id != moderator.id}


def ask(
    db: Database, moderator: Moderator, comment_id: str, *, colleague_id: str, text: str, now: datetime
) -> Question:
    """Raises NotFound, InvalidInput, and MoveNotAllowed for a comment that does not wait for a person."""
    words = _checked("question", text)
    with db.write() as conn:
        comment = _waiting(conn, moderator, comment_id)
        if colleague_id not in colleagues(conn, moderator, comment.site_id):
            raise InvalidInput(FieldProblem("colleague", "choose somebody else who works for this site"))
        store.close_decided(conn, colleague_id, now=now)
        open_ones = [q for q in store.about(conn, comment_id, limit=10 * MOST) if q.closed_at is None]
        if any((q.asker_id, q.asked_id) == (moderator.id, colleague_id) for q in open_ones):
            raise InvalidInput(FieldProblem("colleague", "you have asked them already"))
        if len(open_ones) >= MOST:
            raise InvalidInput(
                FieldProblem("question", f"{MOST} colleagues have been asked about this comment already")
            )
        question = Question(new_id(), comment.site_id, comment_id, moderator.id, colleague_id, words, None, now, None)
        store.insert_question(conn, question)
        skips.skip(conn, comment_id, moderator.id, now=now)
        queue.release(conn, moderator.id)
    return question


def answer(db: Database, moderator: Moderator, question_id: str, text: str, *, now: datetime) -> Question:
    """Gives the comment back to the asker, with an answer. Raises NotFound and InvalidInput."""
    return _close(db, moderator, question_id, _checked("answer", text), now)


def hand_back(db: Database, moderator: Moderator, question_id: str, *, now: datetime) -> Question:
    """Gives the comment back to the asker without an answer. Raises NotFound."""
    return _close(db, moderator, question_id, None, now)


def take_back(db: Database, moderator: Moderator, question_id: str, *, now: datetime) -> Question:
    """The asker needs no answer any more, or has read it. Raises NotFound."""
    with db.write() as conn:
        question = store.get_question(conn, question_id)
        if question.asker_id != moderator.id or question.site_id not in moderator.roles:
            raise NotFound("question", question_id)
        if not store.close(conn, question_id, None, now=now, seen=True):
            store.see(conn, question_id, now=now)
        skips.take_back(conn, question.comment_id, moderator.id)
    return question


def _close(db: Database, moderator: Moderator, question_id: str, words: str | None, now: datetime) -> Question:
    with db.write() as conn:
        question = store.get_question(conn, question_id)
        if question.asked_id != moderator.id or question.site_id not in moderator.roles:
            raise NotFound("question", question_id)
        if store.close(conn, question_id, words, now=now):
            skips.take_back(conn, question.comment_id, question.asker_id)
            skips.skip(conn, question.comment_id, moderator.id, now=now)  # or it would be their next one again
            queue.release(conn, moderator.id)
    return question


def _waiting(conn: Connection, moderator: Moderator, comment_id: str) -> Comment:
    comment = comments.get_by_id(conn, comment_id)
    if comment.site_id not in moderator.roles:
        raise NotFound("comment", comment_id)
    if comment.status is not CommentStatus.FLAGGED:
        raise MoveNotAllowed(comment_id, comment.status, "a question")
    return comment


def _checked(field: str, text: str) -> str:
    words = "".join(c for c in text.strip() if c.isprintable() or c in "\n\t")
    if not 0 < len(words) <= MAX_CHARS:
        raise InvalidInput(FieldProblem(field, f"must have 1 to {MAX_CHARS:,} characters"))
    return words
