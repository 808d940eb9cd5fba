"""Reads the comments that wait for their scores, or for newer ones, with all that scoring needs beside their texts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.learning.shadows import rows as shadows
from moderation.judging.signals.authors import burst
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import UNLIMITED
from moderation.law.modes import rows as modes
from moderation.sites import rows as sites
from moderation.sites.newest_policies import newest_policy
from moderation.spine.articles.rows import article_from, author_from
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments import fact_rows as facts
from moderation.spine.comments.rows import comment_from
from moderation.spine.comments.tables import comments

RECENT = timedelta(minutes=burst.MINUTES)


def load_waiting(conn: Connection, ids: Sequence[str]) -> list[CommentToScore]:
    """The comments of ``ids`` that still wait. Decided ones are left out."""
    return _load(conn, ids, (CommentStatus.WAITING,))


def load_decided(conn: Connection, ids: Sequence[str]) -> list[CommentToScore]:
    """The comments of ``ids`` that are decided and not withdrawn, to be scored once more."""
    return _load(conn, ids, (CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED))


def count_recent(conn: Connection, comment: Comment) -> int:
    """Comments by the same author just before this one."""
    return _count_recent(conn, [(comment, None)])[comment.id]


def _load(conn: Connection, ids: Sequence[str], statuses: Collection[CommentStatus]) -> list[CommentToScore]:
    rows = [row for row in conn.execute(sa.select(comments).where(comments.c.id.in_(ids))) if row.status in statuses]
    found_articles = _by_id(conn, articles, {r.article_id for r in rows}, article_from)
    found_authors = _by_id(conn, authors, {r.author_id for r in rows}, author_from)
    parents = _by_id(conn, comments, {r.parent_id for r in rows if r.parent_id}, lambda row: row.text)
    arrivals = facts.facts_of(conn, [r.id for r in rows])
    loaded = {r.id: comment_from(r) for r in rows}
    recent = _count_recent(conn, [(c, arrivals.get(c.id, facts.UNKNOWN).address) for c in loaded.values()])
    site_ids = {r.site_id for r in rows}
    policies = {site_id: newest_policy(conn, site_id) for site_id in site_ids}
    candidates = {site_id: shadows.candidates(conn, site_id) for site_id in site_ids}
    languages = {site_id: sites.get_site(conn, site_id).settings.languages for site_id in site_ids}
    held = modes.ending_after(conn, site_ids, min(r.received_at for r in rows)) if rows else []
    return [
        CommentToScore(
            comment=loaded[r.id],
            article=found_articles[r.article_id],
            author=found_authors[r.author_id],
            parent_text=parents.get(r.parent_id) or None,  # an erased one has none
            policy=policies[r.site_id],
            reading=Reading(r.text, UNLIMITED),  # ``looking_up`` reads it, within a budget
            reports=r.reports,
            recent=recent[r.id],
            website=arrivals.get(r.id, facts.UNKNOWN).website,
            typed_s=arrivals.get(r.id, facts.UNKNOWN).typed_s,
            candidates=candidates[r.site_id],
            languages=languages[r.site_id],
            modes=tuple(mode for mode in held if mode.site_id == r.site_id),
        )
        for r in rows
    ]


def _count_recent(conn: Connection, arrived: Sequence[tuple[Comment, str | None]]) -> dict[str, int]:
    return facts.count_recent(conn, arrived, within=RECENT, most=burst.MOST)


def _by_id(conn: Connection, table: sa.Table, ids: set[str], make: Any) -> dict[str, Any]:
    if not ids:
        return {}
    return {row.id: make(row) for row in conn.execute(sa.select(table).where(table.c.id.in_(ids)))}
