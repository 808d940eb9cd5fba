"""The SQL of readings that wait and of their answers. A reading is claimed, and answered once, by conditional
updates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.engine import new_id
from moderation.ground.database.inserting import insert_into
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments
from moderation.spine.second_readings.tables import IS_DUE, IS_LATE, second_readings
from moderation.spine.second_readings.values import (
    LIVE,
    Purpose,
    ReadComment,
    ReaderAnswer,
    ReadingAsked,
    ReadingState,
    Unasked,
)

UNANSWERED: Mapping[str, Any] = {
    "counted": False,
    "attempts": 0,
    "model": "",
    "host": "",
    "prompt_hash": "",
    "calls": 0,
    "bytes_out": 0,
    "tokens_in": 0,
    "tokens_out": 0,
    "latency_ms": 0,
    "cost": 0,
    "is_cached": False,
}
_OF_ANSWER = ("rule", "quote", "score", "missing", "book_version", "model", "host", "prompt_hash")
_NUMBERS = ("calls", "bytes_out", "tokens_in", "tokens_out", "latency_ms", "cost", "is_cached", "breaks")


@dataclass(frozen=True, slots=True)
class NewReading:
    site_id: str
    reader_id: str
    comment_id: str
    version: int
    purpose: Purpose
    replay: str = ""
    decide_by: datetime | None = None


def insert(conn: Connection, readings: Sequence[NewReading], *, now: datetime) -> None:
    """Those that are there already stay as they are."""
    if not readings:
        return
    rows = [
        {
            "id": new_id(),
            "site_id": new.site_id,
            "reader_id": new.reader_id,
            "comment_id": new.comment_id,
            "version": new.version,
            "replay": new.replay,
            "purpose": new.purpose,
            "state": ReadingState.WAITING,
            "next_at": now,
            "decide_by": new.decide_by,
            "asked_at": now,
            **UNANSWERED,
        }
        for new in readings
    ]
    conn.execute(insert_into(conn, second_readings).on_conflict_do_nothing(), rows)


def sites_with_due(conn: Connection, now: datetime) -> list[str]:
    due = sa.select(second_readings.c.site_id).where(sa.text(IS_DUE), second_readings.c.next_at <= now)
    return list(conn.execute(due.distinct()).scalars())


def due(conn: Connection, site_id: str, *, now: datetime, limit: int) -> list[ReadingAsked]:
    """Readers' comments come first, then replays; in both, the oldest."""
    query = _asked().where(second_readings.c.site_id == site_id, sa.text(IS_DUE), second_readings.c.next_at <= now)
    rows = conn.execute(query.order_by(second_readings.c.replay, second_readings.c.id).limit(limit))
    return [_asked_from(row) for row in rows]


def claim(conn: Connection, reading: ReadingAsked, *, until: datetime) -> bool:
    """False if another process has it. One that dies leaves it to others at ``until``."""
    values = {"next_at": until, "attempts": second_readings.c.attempts + 1}
    return (
        conn.execute(second_readings.update().where(_same(reading.id, reading.next_at)).values(**values)).rowcount == 1
    )


def postpone(
    conn: Connection, reading: ReadingAsked, claimed: datetime, *, to: datetime, is_tried: bool = True
) -> None:
    """Without ``is_tried`` the attempt does not count."""
    attempts = second_readings.c.attempts - (0 if is_tried else 1)
    changed = second_readings.update().where(_same(reading.id, claimed))
    conn.execute(changed.values(next_at=to, attempts=attempts))


def answer(
    conn: Connection,
    reading: ReadingAsked,
    claimed: datetime | None,
    answer: ReaderAnswer,
    *,
    state: ReadingState,
    key: str | None,
    counted: bool,
    now: datetime,
) -> bool:
    """Keeps the one answer that a reading has. False if it has one already. ``claimed`` is None for whoever did not
    claim it."""
    waits = second_readings.c.state == ReadingState.WAITING
    mine = sa.and_(second_readings.c.id == reading.id, waits) if claimed is None else _same(reading.id, claimed)
    given = {name: getattr(answer, name) for name in (*_OF_ANSWER, *_NUMBERS)}
    told = {"state": state, "counted": counted, "answer_key": key, "read_at": now, "next_at": None, "decide_by": None}
    return conn.execute(second_readings.update().where(mine).values(**given, **told)).rowcount == 1


def known_answer(conn: Connection, reader_id: str, key: str) -> ReaderAnswer | None:
    """The newest that the reader gave to the same question."""
    same = (
        second_readings.c.reader_id == reader_id,
        second_readings.c.answer_key == key,
        second_readings.c.state == ReadingState.READ,
    )
    row = conn.execute(
        sa.select(second_readings).where(*same).order_by(second_readings.c.id.desc()).limit(1)
    ).one_or_none()
    return None if row is None else answer_from(row)


def newest_model(conn: Connection, site_id: str, reader_id: str, *, since: datetime) -> str | None:
    """The model that answered last, as it names itself. None without an answer since then."""
    mine = (
        second_readings.c.site_id == site_id,
        second_readings.c.read_at >= since,
        second_readings.c.reader_id == reader_id,
        second_readings.c.state == ReadingState.READ,
        second_readings.c.is_cached.is_(False),
    )
    newest = sa.select(second_readings.c.model).where(*mine).order_by(second_readings.c.read_at.desc()).limit(1)
    return conn.execute(newest).scalar_one_or_none()


def late(conn: Connection, *, now: datetime, limit: int) -> list[ReadingAsked]:
    """Those for which publishing waits no longer."""
    query = _asked().where(sa.text(IS_LATE), second_readings.c.decide_by <= now)
    return [_asked_from(row) for row in conn.execute(query.order_by(second_readings.c.decide_by).limit(limit))]


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """A reading of one version of a comment, as far as it has come."""

    reader_id: str
    state: ReadingState
    counted: bool
    breaks: bool | None
    rule: str | None
    quote: str | None
    decide_by: datetime | None


def of_versions(conn: Connection, comment_ids: Collection[str]) -> dict[tuple[str, int], list[ReadVersion]]:
    """By comment and version, without those of replays."""
    names = ("reader_id", "state", "counted", "breaks", "rule", "quote", "decide_by")
    columns = [second_readings.c[name] for name in names]
    mine = (second_readings.c.comment_id.in_(comment_ids), second_readings.c.replay == "")
    query = sa.select(second_readings.c.comment_id, second_readings.c.version, *columns).where(*mine)
    by_version: dict[tuple[str, int], list[ReadVersion]] = {}
    for row in conn.execute(query) if comment_ids else ():
        read = ReadVersion(row.reader_id, ReadingState(row.state), *(getattr(row, name) for name in names[2:]))
        by_version.setdefault((row.comment_id, row.version), []).append(read)
    return by_version


def on_comments(conn: Connection, comment_ids: Sequence[str]) -> dict[str, list[ReadComment]]:
    """The newest reading of each reader that was on, by comment: only where it is answered, so that an answer about
    an earlier text is none."""
    mine = (
        sa.select(second_readings)
        .where(second_readings.c.comment_id.in_(comment_ids), second_readings.c.replay == "")
        .order_by(second_readings.c.id.desc())
    )
    newest: dict[tuple[str, str], Row[Any]] = {}
    for row in conn.execute(mine) if comment_ids else ():
        newest.setdefault((row.comment_id, row.reader_id), row)
    read: dict[str, list[ReadComment]] = {}
    for row in newest.values():
        if row.state == ReadingState.READ and row.counted:
            read.setdefault(row.comment_id, []).append(_read(row))
    return read


def stop_replay(conn: Connection, replay_id: str) -> int:
    """Asks about none that still waits. Returns how many comments that were."""
    waits = sa.and_(second_readings.c.replay == replay_id, second_readings.c.state == ReadingState.WAITING)
    return conn.execute(second_readings.delete().where(waits)).rowcount


def put_off(conn: Connection, reader_id: str, *, to: datetime, asked_before: datetime, now: datetime) -> None:
    """Lets what is due wait while the reader rests. Tries, and readers' comments that were asked about before, go
    without an answer. Those for which publishing waits are left to their turn."""
    mine = sa.and_(
        second_readings.c.reader_id == reader_id,
        second_readings.c.state == ReadingState.WAITING,
        second_readings.c.next_at <= now,
        second_readings.c.decide_by.is_(None),
    )
    is_old = sa.and_(second_readings.c.purpose.in_(LIVE), second_readings.c.asked_at < asked_before)
    is_over = sa.or_(second_readings.c.purpose == Purpose.TRY, is_old)
    given_up = {"state": ReadingState.MISSING, "missing": Unasked.RESTING, "read_at": now, "next_at": None}
    conn.execute(second_readings.update().where(mine, is_over).values(**given_up))
    conn.execute(second_readings.update().where(mine).values(next_at=to))


def forget_words(conn: Connection, comment_ids: Sequence[str]) -> None:
    """Forgets quotes, and the digests by which a text could be known. Verdicts, times and costs stay."""
    mine = second_readings.c.comment_id.in_(comment_ids)
    conn.execute(second_readings.update().where(mine).values(quote=None, answer_key=None))


def forget_waiting(conn: Connection, reader_id: str) -> None:
    """Nobody asks a reader that is off."""
    waits = sa.and_(second_readings.c.reader_id == reader_id, second_readings.c.state == ReadingState.WAITING)
    conn.execute(second_readings.delete().where(waits))


def _same(reading_id: str, next_at: datetime) -> sa.ColumnElement[bool]:
    waits = second_readings.c.state == ReadingState.WAITING
    return sa.and_(second_readings.c.id == reading_id, waits, second_readings.c.next_at == next_at)


def _asked() -> sa.Select[Any]:
    parents, theirs = comments.alias(), authors.alias()
    return (
        sa.select(
            second_readings,
            comments.c.text,
            comments.c.lane,
            comments.c.version.label("comment_version"),
            articles.c.title,
            authors.c.name,
            theirs.c.name.label("answered"),
        )
        .join(comments, comments.c.id == second_readings.c.comment_id)
        .join(articles, articles.c.id == comments.c.article_id)
        .join(authors, authors.c.id == comments.c.author_id)
        .outerjoin(parents, parents.c.id == comments.c.parent_id)
        .outerjoin(theirs, theirs.c.id == parents.c.author_id)
    )


def _asked_from(row: Row[Any]) -> ReadingAsked:
    return ReadingAsked(
        id=row.id,
        site_id=row.site_id,
        reader_id=row.reader_id,
        comment_id=row.comment_id,
        version=row.version,
        purpose=Purpose(row.purpose),
        next_at=row.next_at,
        attempts=row.attempts,
        text=row.text,
        title=row.title or "",
        names=tuple(name for name in (row.name, row.answered) if name),
        comment_version=row.comment_version,
        lane=row.lane,
        decide_by=row.decide_by,
    )


def answer_from(row: Row[Any]) -> ReaderAnswer:
    return ReaderAnswer(**{name: getattr(row, name) for name in (*_OF_ANSWER, *_NUMBERS)})


def _read(row: Row[Any]) -> ReadComment:
    answer = answer_from(row)
    return ReadComment(row.id, row.reader_id, row.comment_id, Purpose(row.purpose), row.counted, answer, row.read_at)
