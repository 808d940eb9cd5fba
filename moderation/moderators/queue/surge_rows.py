"""Counts of arrivals, by article and by author, each bounded, to see what gets more than usual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.ground.database.engine import first_id_at
from moderation.ground.values.statuses import CommentStatus
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import EVER, comments

LOOKED_AT = 2_000  # newest comments of each site


@dataclass(frozen=True, slots=True)
class NewestArrivals:
    """How many of a site's newest comments came on each article and by each author since some moment."""

    articles: Counter[str]
    authors: Counter[str]


def since(conn: Connection, site_ids: Sequence[str], moment: datetime) -> dict[str, NewestArrivals]:
    """By site, along the index of the site's ids, which hold the time."""
    arrivals = {site_id: NewestArrivals(Counter(), Counter()) for site_id in site_ids}
    if not arrivals:
        return arrivals
    columns = (comments.c.site_id, comments.c.article_id, comments.c.author_id)
    recent = sa.select(*columns).where(sa.text(EVER), comments.c.id >= first_id_at(moment))
    newest = recent.order_by(comments.c.id.desc()).limit(LOOKED_AT)
    for row in conn.execute(union_of([newest.where(comments.c.site_id == site_id) for site_id in arrivals])):
        arrivals[row.site_id].articles[row.article_id] += 1
        arrivals[row.site_id].authors[row.author_id] += 1
    return arrivals


def on_article(conn: Connection, article_id: str, start: datetime, end: datetime, *, at_most: int) -> int:
    """Comments posted on the article in that time, counted up to ``at_most``."""
    posted = sa.select(sa.literal(1)).where(
        comments.c.article_id == article_id,
        comments.c.status.in_(list(CommentStatus)),  # the index begins with the article and the status
        comments.c.posted_at >= start,
        comments.c.posted_at < end,
    )
    return _count(conn, posted, at_most)


def by_author(conn: Connection, author_id: str, start: datetime, end: datetime, *, at_most: int) -> int:
    """Comments that arrived from the author in that time, counted up to ``at_most``."""
    arrived = sa.select(sa.literal(1)).where(
        comments.c.author_id == author_id, comments.c.received_at >= start, comments.c.received_at < end
    )
    return _count(conn, arrived, at_most)


def article_names(conn: Connection, ids: Sequence[str]) -> dict[str, tuple[str, str, str | None]]:
    """By id: the title, or else the id at the site; the state; and the section."""
    title = sa.func.coalesce(articles.c.title, articles.c.external_id).label("title")
    query = sa.select(articles.c.id, title, articles.c.state, articles.c.section).where(articles.c.id.in_(ids))
    return {row.id: (row.title, row.state, row.section) for row in conn.execute(query)} if ids else {}


def author_names(conn: Connection, ids: Sequence[str]) -> dict[str, str]:
    """By id: the name, or else the id at the site."""
    name = sa.func.coalesce(authors.c.name, authors.c.external_id).label("name")
    query = sa.select(authors.c.id, name).where(authors.c.id.in_(ids))
    return {row.id: row.name for row in conn.execute(query)} if ids else {}


def _count(conn: Connection, statement: sa.Select[Any], at_most: int) -> int:
    few = statement.limit(at_most).subquery()
    return int(conn.execute(sa.select(sa.func.count()).select_from(few)).scalar_one())
