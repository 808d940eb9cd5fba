"""The articles that a moderator watches, and the newest comments that wait on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from moderation.schema import IN_QUEUE, articles, authors, comments, watched_articles


@dataclass(frozen=True, slots=True)
class Watched:
    article_id: str
    site_id: str
    title: str  # or the id at the site


@dataclass(frozen=True, slots=True)
class Waiting:
    """A flagged comment on a watched article."""

    id: str
    text: str
    author_name: str | None
    received_at: datetime


def watched_by(conn: Connection, moderator_id: str, site_ids: Sequence[str], *, limit: int) -> list[Watched]:
    """In the order in which they were chosen."""
    title = sa.func.coalesce(articles.c.title, articles.c.external_id).label("title")
    query = (
        sa.select(watched_articles.c.article_id, articles.c.site_id, title)
        .join(articles, articles.c.id == watched_articles.c.article_id)
        .where(watched_articles.c.moderator_id == moderator_id, articles.c.site_id.in_(site_ids))
        .order_by(watched_articles.c.watched_at)
        .limit(limit)
    )
    return [Watched(row.article_id, row.site_id, row.title) for row in conn.execute(query)]


def newest_waiting(conn: Connection, site_id: str, article_id: str, *, limit: int) -> list[Waiting]:
    """Flagged comments on the article, newest first, without escalated ones."""
    rows = conn.execute(_NEWEST, {"site_id": site_id, "article_id": article_id, "limit": limit})
    return [Waiting(row.id, row.text, row.author_name, row.received_at) for row in rows]


# Made once: every page of the queue runs it. It must walk the article's own index, and SQLite would rather walk all of
# the site's queue in the order of the ids: it does not see through coalesce. PostgreSQL does
_NEWEST = (
    sa.select(comments.c.id, comments.c.text, authors.c.name.label("author_name"), comments.c.received_at)
    .join(authors, authors.c.id == comments.c.author_id)
    .where(comments.c.site_id == sa.bindparam("site_id"), comments.c.article_id == sa.bindparam("article_id"))
    .where(sa.text(IN_QUEUE))
    .order_by(sa.func.coalesce(comments.c.id, None).desc())
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


def is_watched(conn: Connection, moderator_id: str, article_id: str) -> bool:
    return conn.execute(sa.select(sa.literal(1)).where(_one(moderator_id, article_id))).first() is not None


def watch(conn: Connection, moderator_id: str, article_id: str, site_id: str, *, now: datetime) -> None:
    """Watching an article twice is no error."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    row = {"moderator_id": moderator_id, "article_id": article_id, "site_id": site_id, "watched_at": now}
    conn.execute(insert(watched_articles).values(**row).on_conflict_do_nothing())


def unwatch(conn: Connection, moderator_id: str, article_id: str) -> None:
    conn.execute(watched_articles.delete().where(_one(moderator_id, article_id)))


def _one(moderator_id: str, article_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(watched_articles.c.moderator_id == moderator_id, watched_articles.c.article_id == article_id)
