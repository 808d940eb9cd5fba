"""Questions about a comment that one moderator asks another. One whose comment was decided meanwhile is not shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.alike_statements import union_of
from moderation.ground.errors import NotFound
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.queue.tables import IS_OPEN, IS_UNSEEN, questions
from moderation.sites.tables import moderators
from moderation.spine.comments.tables import comments


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    site_id: str
    comment_id: str
    asker_id: str
    asked_id: str
    text: str
    answer: str | None  # None of a closed one: it was handed back or taken back
    created_at: datetime
    closed_at: datetime | None
    seen_at: datetime | None = None
    asker: str = ""  # names
    asked: str = ""


def insert_question(conn: Connection, question: Question) -> None:
    conn.execute(
        questions.insert().values(
            id=question.id,
            site_id=question.site_id,
            comment_id=question.comment_id,
            asker_id=question.asker_id,
            asked_id=question.asked_id,
            text=question.text,
            created_at=question.created_at,
        )
    )


def get_question(conn: Connection, question_id: str) -> Question:
    """Raises NotFound."""
    question = find(conn, question_id)
    if question is None:
        raise NotFound("question", question_id)
    return question


def find(conn: Connection, question_id: str) -> Question | None:
    row = conn.execute(_QUESTIONS.where(questions.c.id == question_id)).one_or_none()
    return _question(row) if row else None


def about(conn: Connection, comment_id: str, *, limit: int) -> list[Question]:
    """Newest first."""
    query = _QUESTIONS.where(questions.c.comment_id == comment_id).order_by(questions.c.id.desc()).limit(limit)
    return [_question(row) for row in conn.execute(query)]


def waiting_for(
    conn: Connection, moderator_id: str, site_ids: Sequence[str], *, limit: int
) -> tuple[list[Question], list[Question]]:
    """Open questions to the moderator, and answers that the moderator has not seen: each about comments that still
    wait, oldest first, at most ``limit``."""
    named = {"moderator_id": moderator_id, "site_ids": list(site_ids), "limit": limit}
    questions = sorted((_question(row) for row in conn.execute(_WAITING_FOR, named)), key=lambda question: question.id)
    return [question for question in questions if question.closed_at is None], [
        answer for answer in questions if answer.closed_at is not None
    ]


def close(conn: Connection, question_id: str, answer: str | None, *, now: datetime, seen: bool = False) -> bool:
    """False if it was closed already."""
    was_open = sa.and_(questions.c.id == question_id, questions.c.closed_at.is_(None))
    values = {"answer": answer, "closed_at": now, "seen_at": now if seen else None}
    return conn.execute(questions.update().where(was_open).values(**values)).rowcount == 1


def see(conn: Connection, question_id: str, *, now: datetime) -> None:
    unseen = sa.and_(questions.c.id == question_id, questions.c.seen_at.is_(None))
    conn.execute(questions.update().where(unseen).values(seen_at=now))


def close_decided(conn: Connection, moderator_id: str, *, now: datetime) -> None:
    """Questions to and answers for the moderator about comments that no longer wait, so that few are ever open."""
    decided = sa.select(comments.c.id).where(
        comments.c.id == questions.c.comment_id, comments.c.status != CommentStatus.FLAGGED
    )
    for mine in (
        sa.and_(questions.c.asked_id == moderator_id, sa.text(IS_OPEN)),
        sa.and_(questions.c.asker_id == moderator_id, sa.text(IS_UNSEEN)),
    ):
        over = questions.update().where(mine, sa.exists(decided))
        conn.execute(over.values(closed_at=sa.func.coalesce(questions.c.closed_at, now), seen_at=now))


_ASKERS, _ASKED = moderators.alias("askers"), moderators.alias("asked")
_QUESTIONS = (
    sa.select(questions, _ASKERS.c.name.label("asker"), _ASKED.c.name.label("asked"))
    .join(_ASKERS, _ASKERS.c.id == questions.c.asker_id)
    .join(_ASKED, _ASKED.c.id == questions.c.asked_id)
)


def _is_unseen() -> sa.ColumnElement[bool]:
    return sa.and_(questions.c.closed_at.is_not(None), questions.c.seen_at.is_(None))


def _waiting_for() -> sa.Select[Any]:
    me: sa.BindParameter[str] = sa.bindparam("moderator_id")
    waiting = (
        _QUESTIONS.join(comments, comments.c.id == questions.c.comment_id)
        .where(comments.c.status == CommentStatus.FLAGGED)
        .where(questions.c.site_id.in_(sa.bindparam("site_ids", expanding=True)))
        .order_by(questions.c.id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )
    to_me = waiting.where(questions.c.asked_id == me, sa.text(f"questions.{IS_OPEN}"))
    return union_of([to_me, waiting.where(questions.c.asker_id == me, _is_unseen())])


_WAITING_FOR = _waiting_for()  # made once: every page of the queue runs it


def _question(row: Row[tuple[object, ...]]) -> Question:
    return Question(
        row.id, row.site_id, row.comment_id, row.asker_id, row.asked_id, row.text, row.answer, row.created_at,
        row.closed_at, row.seen_at, row.asker, row.asked,
    )  # fmt: skip
