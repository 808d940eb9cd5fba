"""The SQL of articles whose title their page is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.spine.articles.tables import articles, untitled_articles


@dataclass(frozen=True, slots=True)
class Untitled:
    article_id: str
    url: str | None
    attempts: int
    is_titled: bool  # by now: somebody described the article


def insert(conn: Connection, article_id: str, site_id: str, *, now: datetime) -> None:
    """An article that has just been made. Two comments at once make it once."""
    row = {"article_id": article_id, "site_id": site_id, "attempts": 0, "next_at": now}
    conn.execute(insert_into(conn, untitled_articles).values(**row).on_conflict_do_nothing())


def sites_with_due(conn: Connection, now: datetime) -> list[str]:
    query = sa.select(untitled_articles.c.site_id).where(untitled_articles.c.next_at <= now).distinct()
    return list(conn.execute(query).scalars())


def due(conn: Connection, site_id: str, *, now: datetime, limit: int) -> list[Untitled]:
    is_titled = articles.c.title.is_not(None).label("is_titled")
    query = (
        sa.select(untitled_articles.c.article_id, articles.c.url, untitled_articles.c.attempts, is_titled)
        .join(articles, articles.c.id == untitled_articles.c.article_id)
        .where(untitled_articles.c.site_id == site_id, untitled_articles.c.next_at <= now)
        .order_by(untitled_articles.c.next_at)
    )
    return [Untitled(**row._mapping) for row in conn.execute(query.limit(limit))]


def postpone(conn: Connection, asked: Untitled, until: datetime) -> None:
    same = _same(asked)
    conn.execute(untitled_articles.update().where(same).values(attempts=asked.attempts + 1, next_at=until))


def finish(conn: Connection, asked: Untitled, title: str | None, *, now: datetime) -> None:
    """The page is asked no more. A title that somebody gave the article meanwhile stays."""
    conn.execute(untitled_articles.delete().where(_same(asked)))
    if title is not None:
        same = sa.and_(articles.c.id == asked.article_id, articles.c.title.is_(None), articles.c.url == asked.url)
        conn.execute(articles.update().where(same).values(title=title, updated_at=now))


def _same(asked: Untitled) -> sa.ColumnElement[bool]:
    """One attempt counts once, whoever made it."""
    mine = untitled_articles.c.article_id == asked.article_id
    return sa.and_(mine, untitled_articles.c.attempts == asked.attempts)
