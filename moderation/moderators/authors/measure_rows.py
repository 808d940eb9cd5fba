"""Measures about authors: their history, the rejections that lead to one, and marks whose time is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.engine import first_id_at
from moderation.ground.values.authors import Author
from moderation.ground.values.measures import SANCTIONS, Measure, Standing
from moderation.spine.articles.rows import author_from
from moderation.spine.articles.tables import ENDING, author_measures, authors
from moderation.spine.comments.standing_rows import in_force
from moderation.spine.comments.tables import IS_REJECTED, comments, decisions


@dataclass(frozen=True, slots=True)
class AuthorMark:
    """As it is on the author."""

    standing: Standing = Standing.NORMAL
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """For the author."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class TakenMeasure:
    """A measure that somebody took."""

    id: str
    site_id: str
    author_id: str
    measure: Measure
    made_by: str  # as ``people.actors.ActorKind``; the ladder of the site is "system"
    created_at: datetime
    before: AuthorMark
    reason: str | None = None
    rejection_reason: str | None = None  # one of the site's
    note: str | None = None
    until: datetime | None = None
    about_id: str | None = None  # the comment
    message: Message | None = None
    actor_name: str | None = None
    moderator_id: str | None = None
    undone_at: datetime | None = None
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    comment_id: str
    reason: str


def insert(conn: Connection, taken: TakenMeasure) -> None:
    conn.execute(author_measures.insert().values(**_values(taken)))


def find(conn: Connection, measure_id: str) -> TakenMeasure | None:
    row = conn.execute(sa.select(author_measures).where(author_measures.c.id == measure_id)).one_or_none()
    return _taken(row) if row else None


def history(conn: Connection, author_id: str, *, before: str | None = None, limit: int) -> list[TakenMeasure]:
    """Newest first, those that were undone too; ``before`` is the id of the last one of the page above."""
    query = sa.select(author_measures).where(author_measures.c.author_id == author_id)
    if before is not None:
        query = query.where(author_measures.c.id < before)
    return [_taken(row) for row in conn.execute(query.order_by(author_measures.c.id.desc()).limit(limit))]


def newest(conn: Connection, author_id: str) -> TakenMeasure | None:
    """The newest measure that nobody undid."""
    row = conn.execute(_NEWEST, {"author_id": author_id}).one_or_none()
    return _taken(row) if row else None


def behind(conn: Connection, author_id: str, standing: Standing) -> TakenMeasure | None:
    """The newest measure that left this mark, and that nobody undid: a warning may have followed it."""
    measures = [measure for measure in Measure if measure.standing is standing]
    mine = (author_measures.c.author_id == author_id, author_measures.c.measure.in_(measures))
    query = sa.select(author_measures).where(*mine, author_measures.c.undone_at.is_(None))
    row = conn.execute(query.order_by(author_measures.c.id.desc()).limit(1)).one_or_none()
    return _taken(row) if row else None


def marking(conn: Connection, author_id: str, *, limit: int = 100) -> list[TakenMeasure]:
    """The measures that left a mark and that nobody undid, newest first."""
    measures = [measure for measure in Measure if measure.standing is not None]
    mine = (author_measures.c.author_id == author_id, author_measures.c.measure.in_(measures))
    query = sa.select(author_measures).where(*mine, author_measures.c.undone_at.is_(None))
    return [_taken(row) for row in conn.execute(query.order_by(author_measures.c.id.desc()).limit(limit))]


def newest_by(conn: Connection, moderator_id: str, *, since: datetime) -> TakenMeasure | None:
    """The moderator's newest that nobody undid."""
    named = {"moderator_id": moderator_id, "first_id": first_id_at(since)}
    row = conn.execute(_NEWEST_BY, named).one_or_none()
    return _taken(row) if row else None


def sanctions(conn: Connection, author_id: str, *, since: datetime, limit: int = 100) -> list[TakenMeasure]:
    """Newest first, without those that were undone."""
    mine = (author_measures.c.author_id == author_id, author_measures.c.id >= first_id_at(since))
    query = (
        sa.select(author_measures)
        .where(*mine, author_measures.c.undone_at.is_(None), author_measures.c.measure.in_(SANCTIONS))
        .order_by(author_measures.c.id.desc())
        .limit(limit)
    )
    return [_taken(row) for row in conn.execute(query)]


def rejections(
    conn: Connection, author_id: str, reasons: Iterable[str], *, after: datetime, limit: int
) -> list[Rejection]:
    """The author's comments that are rejected now for one of these reasons and were so decided after then, newest
    decision first."""
    query = (
        sa.select(comments.c.id, decisions.c.category)
        .select_from(comments)
        .join(decisions, decisions.c.comment_id == comments.c.id)
        .where(
            comments.c.author_id == author_id,
            sa.text(f"comments.{IS_REJECTED}"),
            comments.c.updated_at > after,
            decisions.c.category.in_(sorted(reasons)),
            in_force(decisions),
        )
        .order_by(comments.c.updated_at.desc())
        .limit(limit)
    )
    return [Rejection(row.id, row.category) for row in conn.execute(query)]


def mark_undone(conn: Connection, measure_id: str, *, by: str, now: datetime) -> bool:
    """False if somebody was faster."""
    mine = sa.and_(author_measures.c.id == measure_id, author_measures.c.undone_at.is_(None))
    return conn.execute(author_measures.update().where(mine).values(undone_at=now, undone_by=by)).rowcount == 1


def forget(conn: Connection, author_id: str) -> None:
    conn.execute(author_measures.delete().where(author_measures.c.author_id == author_id))


def lock(conn: Connection, author_id: str) -> tuple[Author, AuthorMark]:
    """The author with their mark, until the transaction ends."""
    query = sa.select(authors).where(authors.c.id == author_id).with_for_update(key_share=True)
    row = conn.execute(query).one()
    author = author_from(row)
    return author, AuthorMark(author.standing, row.standing_reason, author.standing_until)


def find_mark(conn: Connection, author_id: str) -> AuthorMark:
    """As it is on the author, though it may be over."""
    columns = (authors.c.standing, authors.c.standing_reason, authors.c.standing_until)
    row = conn.execute(sa.select(*columns).where(authors.c.id == author_id)).one()
    return AuthorMark(Standing(row.standing), row.standing_reason, row.standing_until)


def set_mark(conn: Connection, author_id: str, mark: AuthorMark) -> None:
    conn.execute(authors.update().where(authors.c.id == author_id).values(**_mark_values(mark)))


def marks_over(conn: Connection, now: datetime, *, limit: int) -> list[str]:
    """The ids of authors whose mark should have ended."""
    query = sa.select(authors.c.id).where(sa.text(ENDING), authors.c.standing_until <= now)
    return list(conn.execute(query.order_by(authors.c.standing_until).limit(limit)).scalars())


def end_mark(conn: Connection, author_id: str, after: AuthorMark, now: datetime) -> bool:
    """Sets the mark that holds after the end. False if somebody changed the mark meanwhile."""
    over = sa.and_(authors.c.id == author_id, sa.text(ENDING), authors.c.standing_until <= now)
    return conn.execute(authors.update().where(over).values(**_mark_values(after))).rowcount == 1


def _mark_values(mark: AuthorMark) -> dict[str, Any]:
    return {"standing": mark.standing, "standing_reason": mark.reason, "standing_until": mark.until}


# The column ``category`` has the name that the reason had in earlier versions
_SAME = [column.name for column in author_measures.c if column.name != "category"]

# Made once: every page of the queue runs them
_NEWEST = (
    sa.select(author_measures)
    .where(author_measures.c.author_id == sa.bindparam("author_id"), author_measures.c.undone_at.is_(None))
    .order_by(author_measures.c.id.desc())
    .limit(1)
)
_NEWEST_BY = (
    sa.select(author_measures)
    .where(
        author_measures.c.moderator_id == sa.bindparam("moderator_id"),
        author_measures.c.id >= sa.bindparam("first_id"),
        author_measures.c.undone_at.is_(None),
    )
    .order_by(author_measures.c.id.desc())
    .limit(1)
)


def _values(taken: TakenMeasure) -> dict[str, Any]:
    values = {name: getattr(taken, name) for name in _SAME}
    message = {"language": taken.message.language, "text": taken.message.text} if taken.message else sa.null()
    return {
        **values,
        "category": taken.rejection_reason,
        "before": _mark_in_json(taken.before),
        "message": message,
    }


def _mark_in_json(mark: AuthorMark) -> dict[str, str | None]:
    return {
        "standing": mark.standing,
        "reason": mark.reason,
        "until": mark.until.isoformat() if mark.until else None,
    }


def mark_from_json(stored: Mapping[str, Any]) -> AuthorMark:
    until = stored["until"]
    return AuthorMark(Standing(stored["standing"]), stored["reason"], datetime.fromisoformat(until) if until else None)


def _taken(row: Row[Any]) -> TakenMeasure:
    values = {name: row._mapping[name] for name in _SAME}
    message = Message(row.message["language"], row.message["text"]) if row.message else None
    parsed = {"measure": Measure(row.measure), "before": mark_from_json(row.before), "message": message}
    return TakenMeasure(**{**values, **parsed, "rejection_reason": row.category})
