"""Comments that teach a site's house model what its people reject, and the texts and scores that it learns from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.insight.checks.tables import checks
from moderation.insight.learning.rows import KEYS, TAUGHT_BY
from moderation.moderators.review.label_rows import HOUSE, SECOND_LOOK
from moderation.moderators.review.tables import labels
from moderation.spine.articles.tables import articles
from moderation.spine.comments.standing_rows import in_force
from moderation.spine.comments.tables import IN_LISTS, comment_edits, comments, decisions, scorings

PAGE = 500


class LabelSource(StrEnum):
    """Why we believe a label."""

    PEOPLE = "people"  # somebody here decided
    IMPORT = "import"  # it was decided before Gavel
    CHECK = "check"  # drawn at random from what nobody would have seen
    QUIET = "quiet"  # published by the policy, and nobody complained


@dataclass(frozen=True, slots=True)
class Example:
    """A comment and how it was decided. ``weight`` says how many comments of the site it speaks for."""

    comment_id: str
    text: str
    is_rejected: bool
    reason: str | None
    language: str | None  # as the site sent it
    decided_at: datetime
    source: LabelSource
    weight: float = 1.0
    by: str | None = None  # the moderator, or all of the site's keys together; None for an import and for silence


@dataclass(frozen=True, slots=True)
class ReadableComment:
    """All that models may read of a stored comment."""

    comment_id: str
    text: str
    language: str | None
    title: str | None
    summary: str | None
    article_text: str | None
    article_language: str | None
    section: str | None
    tags: tuple[str, ...]
    parent_text: str | None
    article_id: str
    version: int


def decided_by_people(conn: Connection, site_id: str, *, most: int) -> list[Example]:
    """The newest ``most`` comments whose present status a person decided, here or before an import, oldest first.

    Only decisions that stand count. An edited comment counts once somebody has decided the new text. A comment whose
    text was erased has nothing to teach.
    """
    d, c = decisions.c, comments.c
    newest = (
        _decided()
        .where(
            d.site_id == site_id,
            d.decided_by.in_(TAUGHT_BY),
            d.status_after.in_((CommentStatus.PUBLISHED, CommentStatus.REJECTED)),
            c.status == d.status_after,
            c.text != "",
            in_force(decisions),
        )
        .order_by(d.id.desc())
        .limit(most)
    )
    return [_example(row) for row in reversed(conn.execute(newest).all())]


def quiet(conn: Connection, site_id: str, *, posted_before: datetime, most: int) -> list[Example]:
    """The newest ``most`` comments that the policy published before then and that nobody has reported, oldest
    first."""
    d, c = decisions.c, comments.c
    newest = (
        _decided()
        .where(
            c.site_id == site_id,
            c.status == CommentStatus.PUBLISHED,
            c.posted_at < posted_before,
            c.reports == 0,
            c.text != "",
            sa.text(f"comments.{IN_LISTS}"),
            d.decided_by == DecidedBy.POLICY,
            d.status_after == CommentStatus.PUBLISHED,
            in_force(decisions),
        )
        .order_by(c.posted_at.desc(), c.id.desc())
        .limit(most)
    )
    return [_example(row, LabelSource.QUIET) for row in reversed(conn.execute(newest).all())]


def checked(conn: Connection, site_id: str, *, most: int) -> list[Example]:
    """The newest ``most`` comments that were drawn at random and that a person has judged, in the order of the draws.

    Each speaks for one over the probability of its draw, except those that came into the queue, too, by the policy or
    by readers' reports: people see every such comment, drawn or not. A comment that was edited since has another text
    than they judged.
    """
    k, c, d = checks.c, comments.c, decisions.c
    in_queue = sa.exists().where(d.comment_id == k.comment_id, d.status_after == CommentStatus.FLAGGED)
    newest = (
        sa.select(
            c.id,
            c.text,
            c.language,
            k.reason,
            k.outcome,
            k.decided_at,
            k.probability,
            k.verdict,
            k.decided_by,
            in_queue.label("in_queue"),
        )
        .join_from(checks, comments, c.id == k.comment_id)
        .where(
            k.site_id == site_id,
            k.decided_at.is_not(None),
            k.outcome.in_((CommentStatus.PUBLISHED, CommentStatus.REJECTED)),
            c.status != CommentStatus.WITHDRAWN,
            c.text != "",
            _is_unedited_since(k.decided_at),
        )
        .order_by(k.drawn_at.desc())
        .limit(most)
    )
    return [_checked(row) for row in reversed(conn.execute(newest).all())]


def second_looks(conn: Connection, site_id: str, *, most: int) -> list[Example]:
    """The newest ``most`` comments of which a lead said, where a policy in the shadow differed, how they should be
    decided, oldest answer first. The decisions stay as they are. An edit makes an answer void."""
    own, c = labels.c, comments.c
    newest = (
        sa.select(c.id, c.text, c.language, own.value, own.created_at)
        .join_from(labels, comments, sa.and_(c.site_id == own.site_id, c.external_id == own.reference))
        .where(
            own.site_id == site_id,
            own.source == SECOND_LOOK,
            own.signal == HOUSE,
            c.status != CommentStatus.WITHDRAWN,
            c.text != "",
            _is_unedited_since(own.created_at),
        )
        .order_by(own.id.desc())
        .limit(most)
    )
    rows = reversed(conn.execute(newest).all())
    by = SECOND_LOOK  # one person: the answers do not say which lead gave them
    return [
        Example(r.id, r.text, r.value >= 0.5, None, r.language, r.created_at, LabelSource.PEOPLE, 1.0, by) for r in rows
    ]


def signals_of(conn: Connection, comment_ids: Sequence[str]) -> dict[str, Mapping[str, float | None]]:
    """The values of each comment's newest scoring by signal. Comments that were never scored are not in it."""
    by_comment: dict[str, Mapping[str, float | None]] = {}
    for page in _pages(comment_ids):
        s = scorings.c
        rows = conn.execute(sa.select(s.comment_id, s.signals).where(s.comment_id.in_(page)).order_by(s.id))
        by_comment.update(
            (row.comment_id, {sys.intern(signal["name"]): signal["value"] for signal in row.signals}) for row in rows
        )
    return by_comment


def to_read(conn: Connection, comment_ids: Sequence[str]) -> list[ReadableComment]:
    """These comments with their articles and parents, for scoring what a learner lacks."""
    c, a, parent = comments.c, articles.c, comments.alias("parent")
    query = (
        sa.select(
            c.id,
            c.text,
            c.language,
            c.version,
            a.title,
            a.summary,
            a.text.label("article_text"),
            a.language.label("article_language"),
            a.section,
            a.tags,
            a.id.label("article_id"),
            parent.c.text.label("parent_text"),
        )
        .join(articles, a.id == c.article_id)
        .outerjoin(parent, parent.c.id == c.parent_id)
        .where(c.id.in_(comment_ids), c.text != "")
        .order_by(c.id)
    )
    return [_read(row) for row in conn.execute(query)]


def _decided() -> sa.Select[Any]:
    d, c = decisions.c, comments.c
    decided = (d.category, d.status_after, d.decided_by, d.moderator_id, d.created_at)
    return sa.select(c.id, c.text, c.language, *decided).join_from(decisions, comments, c.id == d.comment_id)


def _is_unedited_since(moment: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    edit = comment_edits.c
    return ~sa.exists().where(edit.comment_id == comments.c.id, edit.replaced_at > moment)


def _example(row: Any, source: LabelSource | None = None) -> Example:
    is_rejected = row.status_after == CommentStatus.REJECTED
    imported = row.decided_by == DecidedBy.IMPORT
    return Example(
        row.id,
        row.text,
        is_rejected,
        row.category if is_rejected else None,
        row.language,
        row.created_at,
        source or (LabelSource.IMPORT if imported else LabelSource.PEOPLE),
        by=None if imported or source is LabelSource.QUIET else row.moderator_id or KEYS,
    )


def _checked(row: Any) -> Example:
    is_rejected = row.outcome == CommentStatus.REJECTED
    is_seen_anyway = row.verdict == CommentStatus.FLAGGED or row.in_queue
    weight = 1.0 if is_seen_anyway else 1 / row.probability
    reason, by = row.reason if is_rejected else None, row.decided_by or KEYS
    return Example(row.id, row.text, is_rejected, reason, row.language, row.decided_at, LabelSource.CHECK, weight, by)


def _read(row: Any) -> ReadableComment:
    return ReadableComment(
        comment_id=row.id,
        text=row.text,
        language=row.language,
        title=row.title,
        summary=row.summary,
        article_text=row.article_text,
        article_language=row.article_language,
        section=row.section,
        tags=tuple(row.tags or ()),
        parent_text=row.parent_text or None,  # an erased one has none
        article_id=row.article_id,
        version=row.version,
    )


def _pages(comment_ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (comment_ids[start : start + PAGE] for start in range(0, len(comment_ids), PAGE))
