"""Reads and writes modes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.values.modes import Mode, ModeName
from moderation.law.modes.tables import UNNOTED, modes
from moderation.spine.articles.tables import articles
from moderation.spine.comments.tables import comment_edits, comments


def insert(conn: Connection, mode: Mode) -> None:
    conn.execute(
        modes.insert().values(
            id=mode.id,
            site_id=mode.site_id,
            article_id=mode.article_id,
            section=mode.section,
            name=mode.name,
            regular_from=mode.regular_from,
            minutes=mode.minutes,
            began_at=mode.began_at,
            until=mode.until,
            ends_at=mode.ends_at,
        )
    )


def end(conn: Connection, mode_id: str, *, now: datetime) -> bool:
    """False if it had ended."""
    still = sa.and_(modes.c.id == mode_id, modes.c.ends_at > now)
    return conn.execute(modes.update().where(still).values(ends_at=now)).rowcount == 1


def unnoted(conn: Connection, *, now: datetime, limit: int) -> list[Mode]:
    """Those that have ended by themselves and whose end is not noted, the oldest first."""
    over = sa.and_(modes.c.ends_at <= now, sa.text(UNNOTED))
    return [_from(row) for row in conn.execute(sa.select(modes).where(over).order_by(modes.c.ends_at).limit(limit))]


def note_end(conn: Connection, mode_id: str, *, now: datetime) -> bool:
    """False if it was noted."""
    still = sa.and_(modes.c.id == mode_id, sa.text(UNNOTED))
    return conn.execute(modes.update().where(still).values(end_noted_at=now)).rowcount == 1


def find(conn: Connection, site_id: str, mode_id: str) -> Mode | None:
    row = conn.execute(sa.select(modes).where(modes.c.id == mode_id, modes.c.site_id == site_id)).one_or_none()
    return _from(row) if row else None


def ending_after(conn: Connection, site_ids: Collection[str], moment: datetime) -> list[Mode]:
    """Of these sites, in the order in which they began."""
    if not site_ids:
        return []
    later = modes.c.ends_at > moment
    query = sa.select(modes).where(modes.c.site_id.in_(site_ids), later).order_by(modes.c.began_at, modes.c.id)
    return [_from(row) for row in conn.execute(query)]


def article_names(conn: Connection, modes: Sequence[Mode]) -> dict[str, tuple[str, str]]:
    """By our id: the site's own id, and the title or else that id."""
    ids = {mode.article_id for mode in modes if mode.article_id is not None}
    title = sa.func.coalesce(articles.c.title, articles.c.external_id).label("title")
    query = sa.select(articles.c.id, articles.c.external_id, title).where(articles.c.id.in_(ids))
    return {row.id: (row.external_id, row.title) for row in conn.execute(query)} if ids else {}


def newest_arrival(conn: Connection, mode: Mode, author_id: str, *, since: datetime) -> datetime | None:
    """When the author's newest comment came where the mode holds, if that was after ``since`` and not before the mode
    began."""
    query = sa.select(comments.c.received_at).where(
        _by_author_in(mode, author_id), comments.c.received_at > since, comments.c.received_at >= mode.began_at
    )
    return conn.execute(query.order_by(comments.c.received_at.desc()).limit(1)).scalar()


def newest_edit(
    conn: Connection, mode: Mode, author_id: str, *, of_comments_since: datetime, since: datetime
) -> datetime | None:
    """When the author's newest edit came where the mode holds, if that was after ``since`` and not before the mode
    began: of those comments of theirs that came after ``of_comments_since``."""
    query = (
        sa.select(sa.func.max(comment_edits.c.replaced_at))
        .join(comments, comments.c.id == comment_edits.c.comment_id)
        .where(
            _by_author_in(mode, author_id),
            comments.c.received_at > of_comments_since,
            comment_edits.c.replaced_at > since,
            comment_edits.c.replaced_at >= mode.began_at,
        )
    )
    return conn.execute(query).scalar()


def _by_author_in(mode: Mode, author_id: str) -> sa.ColumnElement[bool]:
    """The author's comments where the mode holds."""
    theirs = sa.and_(comments.c.author_id == author_id, comments.c.site_id == mode.site_id)
    if mode.article_id is not None:
        return sa.and_(theirs, comments.c.article_id == mode.article_id)
    if mode.section is not None:
        here = sa.select(articles.c.id).where(
            articles.c.id == comments.c.article_id, articles.c.section == mode.section
        )
        return sa.and_(theirs, here.exists())
    return theirs


def _from(row: Row[Any]) -> Mode:
    return Mode(
        id=row.id,
        site_id=row.site_id,
        name=ModeName(row.name),
        began_at=row.began_at,
        until=row.until,
        ends_at=row.ends_at,
        article_id=row.article_id,
        section=row.section,
        regular_from=row.regular_from,
        minutes=row.minutes,
    )
