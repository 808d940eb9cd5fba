"""A site's newest scored comments with everything that the policy reads, to replay them under other limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values import json_form
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.policies import SiteLanguages
from moderation.ground.values.statuses import PEOPLE, CommentStatus
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.policy.replay import ReplayedComment
from moderation.sites import rows as sites
from moderation.spine.articles.rows import author_from
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.standing_rows import last_decided_by
from moderation.spine.comments.tables import EVER, comments, scorings


def recent(conn: Connection, site_id: str, *, limit: int, now: datetime) -> list[ReplayedComment]:
    """Newest first. Comments that were never scored are left out."""
    of_site = sa.select(comments).where(comments.c.site_id == site_id, sa.text(EVER))
    return _of(conn, site_id, of_site.order_by(comments.c.id.desc()).limit(limit), now)


def of_comments(conn: Connection, site_id: str, ids: Sequence[str], *, now: datetime) -> list[ReplayedComment]:
    """As ``recent``, of these comments."""
    return _of(conn, site_id, sa.select(comments).where(comments.c.id.in_(ids)), now) if ids else []


def _of(conn: Connection, site_id: str, chosen: sa.Select[Any], now: datetime) -> list[ReplayedComment]:
    recent_comments = chosen.subquery("recent")
    scoring = scorings.alias("each")
    newest_scoring = (
        sa.select(scoring.c.id)
        .where(scoring.c.comment_id == recent_comments.c.id)
        .order_by(scoring.c.id.desc())
        .limit(1)
        .correlate(recent_comments)
        .scalar_subquery()
    )
    query = (
        sa.select(
            recent_comments.c.id.label("comment_id"),
            recent_comments.c.text,
            recent_comments.c.status,
            scorings.c.signals,
            articles.c.external_id.label("article_external_id"),
            articles.c.section,
            articles.c.state,
            last_decided_by(recent_comments, recent_comments.c.id).label("last_by"),
            *authors.c,
        )
        .select_from(recent_comments)
        .join(scorings, scorings.c.id == newest_scoring)
        .join(articles, articles.c.id == recent_comments.c.article_id)
        .join(authors, authors.c.id == recent_comments.c.author_id)
        .order_by(recent_comments.c.id.desc())
    )
    languages = sites.get_site(conn, site_id).settings.languages
    return [_scored(row, languages, now) for row in conn.execute(query)]


def _scored(row: sa.Row[tuple[object, ...]], languages: SiteLanguages, now: datetime) -> ReplayedComment:
    fields = row._mapping
    status, author = CommentStatus(fields["status"]), author_from(row)
    by_person = fields["last_by"] in PEOPLE and status in (CommentStatus.PUBLISHED, CommentStatus.REJECTED)
    return ReplayedComment(
        id=fields["comment_id"],
        text=fields["text"],
        author_name=fields["name"],
        signals=tuple(json_form.signal_from_json(form) for form in fields["signals"]),
        circumstances=Circumstances(
            article_id=fields["article_external_id"],
            section=fields["section"],
            article_state=ArticleState(fields["state"]),
            author_on_hold=author.is_on_hold(now),
            author_trusted=author.is_trusted(now),
            languages=languages,
        ),
        judged=status if by_person else None,
    )
