"""A whole site as readers see it: its newest comments, and the counts of its articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.readers.pages.tables import shown_articles, shown_comments
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments


@dataclass(frozen=True, slots=True)
class Newest:
    """A comment of any article."""

    external_id: str
    article_external_id: str
    article_title: str | None
    article_url: str | None
    text: str
    author_name: str | None
    is_staff: bool
    posted_at: datetime
    is_featured: bool


def newest_versions(conn: Connection, site_id: str, *, limit: int) -> list[tuple[str, int]]:
    """The newest comments that readers see, by id and version: enough to know whether they are still the same."""
    query = sa.select(comments.c.id, comments.c.version).join(shown_comments, shown_comments.c.id == comments.c.id)
    query = query.where(shown_comments.c.site_id == site_id, shown_comments.c.is_gone.is_(False))
    newest = query.order_by(shown_comments.c.posted_at.desc(), shown_comments.c.id.desc()).limit(limit)
    return [(row.id, row.version) for row in conn.execute(newest)]


def newest(conn: Connection, comment_ids: Sequence[str]) -> list[Newest]:
    """Those that are still published, the newest first."""
    query = (
        sa.select(
            comments.c.external_id,
            articles.c.external_id.label("article_external_id"),
            articles.c.title.label("article_title"),
            articles.c.url.label("article_url"),
            comments.c.text,
            authors.c.name.label("author_name"),
            authors.c.is_staff,
            comments.c.posted_at,
            comments.c.featured_at.is_not(None).label("is_featured"),
        )
        .join(articles, articles.c.id == comments.c.article_id)
        .join(authors, authors.c.id == comments.c.author_id)
        .where(comments.c.id.in_(comment_ids), comments.c.status == CommentStatus.PUBLISHED)
        .order_by(comments.c.posted_at.desc(), comments.c.id.desc())
    )
    return [Newest(**row._mapping) for row in conn.execute(query)]


def counts(conn: Connection, site_id: str, external_ids: Sequence[str]) -> dict[str, int]:
    """The comments that readers see, by the site's own ids of articles."""
    query = (
        sa.select(articles.c.external_id, shown_articles.c.comments)
        .join(shown_articles, shown_articles.c.article_id == articles.c.id)
        .where(articles.c.site_id == site_id, articles.c.external_id.in_(external_ids))
    )
    counted = {row.external_id: row.comments for row in conn.execute(query)}
    return {external_id: counted.get(external_id, 0) for external_id in external_ids}
