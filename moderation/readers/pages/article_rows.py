"""An article's comments without their threads: the newest, and the editor's picks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.readers.pages.line_rows import PageLine, lines
from moderation.spine.comments.tables import comments


def newest(conn: Connection, article_id: str, *, limit: int) -> list[PageLine]:
    """The newest first."""
    return _shown(conn, article_id, comments.c.status == CommentStatus.PUBLISHED, limit)


def picked(conn: Connection, article_id: str, *, limit: int) -> list[PageLine]:
    """The editor's picks, the newest first."""
    return _shown(conn, article_id, comments.c.featured_at.is_not(None), limit)


def _shown(conn: Connection, article_id: str, condition: sa.ColumnElement[bool], limit: int) -> list[PageLine]:
    query = sa.select(comments.c.id).where(comments.c.article_id == article_id, condition)
    ids = conn.execute(query.order_by(comments.c.posted_at.desc(), comments.c.id.desc()).limit(limit)).scalars().all()
    by_id = lines(conn, ids)
    return [by_id[id] for id in ids if id in by_id and not by_id[id].is_gone]
