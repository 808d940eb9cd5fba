"""The articles that a moderator watches, and the newest comments that wait on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.ground.database.inserting import insert_into
from moderation.spine.articles.tables import articles, authors, watched_articles
from moderation.spine.comments.tables import IN_QUEUE, comments


@dataclass(frozen=True, slots=True)
class Watched:
    article_id: str
    site_id: str
    title: str  # or the id at the site


@dataclass(frozen=True, slots=True)
class WatchedComment:
    """A flagged comment on a watched article."""

    id: str
    text: str
    author_name: str | None
    posted_at: datetime


def watched_by(conn: Connection, moderator_id: str, site_ids: Sequence[str], *, limit: int) -> list[Watched]:
    """The watched articles, in the order in which they were chosen."""
    title = sa.func.coalesce(articles.c.title, articles.c.external_id).label("title")
    query = (
        sa.select(watched_articles.c.article_id, articles.c.site_id, title)
        .join(articles, articles.c.id == watched_articles.c.article_id)
        .where(watched_articles.c.moderator_id == moderator_id, articles.c.site_id.in_(site_ids))
        .order_by(watched_articles.c.watched_at)
        .limit(limit)
    )
    return [Watched(row.article_id, row.site_id, row.title) for row in conn.execute(query)]


def newest_waiting(conn: Connection, watched: Sequence[Watched], *, limit: int) -> dict[str, list[WatchedComment]]:
    """By article: flagged comments on it, newest first, at most ``limit``, without escalated ones."""
    newest: dict[str, list[WatchedComment]] = {article.article_id: [] for article in watched}
    if not watched:
        return newest
    rows = conn.execute(_newest(len(watched)), {**_named(watched), "limit": limit}).all()
    for row in sorted(rows, key=lambda row: row.id, reverse=True):
        newest[row.article_id].append(WatchedComment(row.id, row.text, row.author_name, row.posted_at))
    return newest


def count_waiting(conn: Connection, watched: Sequence[Watched], *, at_most: int) -> dict[str, int]:
    """By article: how many flagged comments ``newest_waiting`` chooses from, counted up to ``at_most``."""
    if not watched:
        return {}
    counted = conn.execute(_counts(len(watched)), {**_named(watched), "limit": at_most}).one()
    return {article.article_id: count for article, count in zip(watched, counted, strict=True)}


_LIMIT: sa.BindParameter[int] = sa.bindparam("limit", type_=sa.Integer)


def _newest(articles_watched: int) -> sa.Select[Any]:
    """Each part must walk its article's own index, and SQLite would rather walk all of the site's queue in the order of
    the ids: it does not see through coalesce. PostgreSQL does."""
    columns = (comments.c.id, comments.c.article_id, comments.c.text, comments.c.posted_at)
    newest = (
        sa.select(*columns, authors.c.name.label("author_name"))
        .join(authors, authors.c.id == comments.c.author_id)
        .order_by(sa.func.coalesce(comments.c.id, None).desc())
        .limit(_LIMIT)
    )
    return union_of([newest.where(*_waits_on(number)) for number in range(articles_watched)])


def _counts(articles_watched: int) -> sa.Select[Any]:
    single: sa.Select[Any] = sa.select(sa.literal_column("1").label("one")).select_from(comments).limit(_LIMIT)
    few = [single.where(*_waits_on(number)).subquery() for number in range(articles_watched)]
    counts = [sa.select(sa.func.count()).select_from(query).scalar_subquery() for query in few]
    return sa.select(*(count.label(f"n{number}") for number, count in enumerate(counts)))


def _waits_on(number: int) -> tuple[sa.ColumnElement[bool], ...]:
    site_id: sa.BindParameter[str] = sa.bindparam(f"site_{number}")
    article_id: sa.BindParameter[str] = sa.bindparam(f"article_{number}")
    return comments.c.site_id == site_id, comments.c.article_id == article_id, sa.literal_column(IN_QUEUE)


def _named(watched: Sequence[Watched]) -> dict[str, Any]:
    sites = {f"site_{n}": article.site_id for n, article in enumerate(watched)}
    return sites | {f"article_{n}": article.article_id for n, article in enumerate(watched)}


def is_watched(conn: Connection, moderator_id: str, article_id: str) -> bool:
    return conn.execute(sa.select(sa.literal(1)).where(_one(moderator_id, article_id))).first() is not None


def watch(conn: Connection, moderator_id: str, article_id: str, site_id: str, *, now: datetime) -> None:
    """Watching an article twice is no error."""
    row = {"moderator_id": moderator_id, "article_id": article_id, "site_id": site_id, "watched_at": now}
    conn.execute(insert_into(conn, watched_articles).values(**row).on_conflict_do_nothing())


def unwatch(conn: Connection, moderator_id: str, article_id: str) -> None:
    conn.execute(watched_articles.delete().where(_one(moderator_id, article_id)))


def _one(moderator_id: str, article_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(watched_articles.c.moderator_id == moderator_id, watched_articles.c.article_id == article_id)
