"""The copies of one campaign: how many, which a person chose, the oldest and the newest. Every look-up is bounded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.ground.database.engine import first_id_at, moment_of
from moderation.ground.values.statuses import CommentStatus
from moderation.spine.comments.tables import IN_CAMPAIGN, comments

PAGE = 500
_IS_OF_TEXT = comments.c.shares_only.is_not(True)


@dataclass(frozen=True, slots=True)
class Ticks:
    """The copies that a person chose on the campaign's page."""

    ticked: frozenset[str]
    listed: frozenset[str]  # with a box each
    more: bool  # also the copies of the text that the page did not list


def count(
    conn: Connection, campaign_id: str, status: CommentStatus, *, at_most: int, shares_only: bool | None = None
) -> int:
    """Copies with this status: all, those of the text, or those that share a contact or a domain alone. Counting stops
    at ``at_most``."""
    query = _copies(sa.select(sa.literal(1)), campaign_id, status)
    if shares_only is not None:
        query = query.where(comments.c.shares_only.is_(True) if shares_only else _IS_OF_TEXT)
    few = query.limit(at_most).subquery()
    return conn.execute(sa.select(sa.func.count()).select_from(few)).scalar_one()


def count_since(conn: Connection, campaign_id: str, since: datetime, *, at_most: int) -> int:
    """Copies that came after ``since``, in any status. Counting stops at ``at_most``."""
    few = union_of(
        [
            _copies(sa.select(comments.c.id), campaign_id, status)
            .where(comments.c.id >= first_id_at(since))
            .order_by(comments.c.id.desc())
            .limit(at_most)
            for status in CommentStatus
        ]
    ).subquery()
    return min(at_most, conn.execute(sa.select(sa.func.count()).select_from(few)).scalar_one())


def authors_before(conn: Connection, campaign_id: str, comment_id: str, *, since: datetime, most: int) -> set[str]:
    """Authors of copies that came after ``since`` and before this comment: those of the first ``most`` copies."""
    parts = [
        _copies(sa.select(comments.c.id, comments.c.author_id), campaign_id, status)
        .where(comments.c.id >= first_id_at(since), comments.c.id < comment_id)
        .order_by(comments.c.id)
        .limit(most)
        for status in CommentStatus
    ]
    return {row.author_id for row in conn.execute(union_of(parts))}


def _copies(query: sa.Select[Any], campaign_id: str, status: CommentStatus) -> sa.Select[Any]:
    return query.where(comments.c.campaign_id == campaign_id, sa.text(IN_CAMPAIGN), comments.c.status == status)


def ids(
    conn: Connection,
    campaign_id: str,
    status: CommentStatus,
    *,
    after: str | None,
    until: str,
    limit: int,
    ticks: Ticks | None = None,
    shares_too: bool = False,
) -> list[tuple[str, int]]:
    """(id, version) of copies with this status in the order of arrival, after one id and up to another: those that
    ``ticks`` choose, or else all of the text, and with ``shares_too`` those that share a contact or a domain alone.

    A comment that has changed since the id ``until`` was made is left out: it may have another text, or have come into
    the campaign since.
    """
    seen = sa.and_(comments.c.id <= until, comments.c.updated_at <= moment_of(until))
    query = _copies(sa.select(comments.c.id, comments.c.version), campaign_id, status).where(seen)
    if ticks is not None:
        query = query.where(_chosen(ticks))
    elif not shares_too:
        query = query.where(_IS_OF_TEXT)
    if after is not None:
        query = query.where(comments.c.id > after)
    return [(row.id, row.version) for row in conn.execute(query.order_by(comments.c.id).limit(limit))]


def _chosen(ticks: Ticks) -> sa.ColumnElement[bool]:
    is_ticked = comments.c.id.in_(ticks.ticked)
    return sa.or_(is_ticked, sa.and_(_IS_OF_TEXT, comments.c.id.not_in(ticks.listed))) if ticks.more else is_ticked


def among(conn: Connection, campaign_id: str, comment_ids: Collection[str]) -> frozenset[str]:
    """The comments among these that are in the campaign."""
    members: set[str] = set()
    for start in range(0, len(ids := sorted(comment_ids)), PAGE):
        here = sa.and_(comments.c.id.in_(ids[start : start + PAGE]), comments.c.campaign_id == campaign_id)
        members |= set(conn.execute(sa.select(comments.c.id).where(here)).scalars())
    return frozenset(members)


def oldest_ids(conn: Connection, campaign_id: str) -> list[str]:
    """The oldest copy of the text, or else the oldest comment."""
    parts = [
        _copies(sa.select(comments.c.id, comments.c.shares_only), campaign_id, status)
        .where(which)
        .order_by(comments.c.id)
        .limit(1)
        for status in CommentStatus
        for which in (_IS_OF_TEXT, comments.c.shares_only.is_(True))
    ]
    oldest = sorted((bool(row.shares_only), row.id) for row in conn.execute(union_of(parts)))
    return [id for _shares_only, id in oldest[:1]]


def sharing_only(conn: Connection, comment_ids: Sequence[str]) -> set[str]:
    """The comments among these that are in their campaign for a contact or a domain alone."""
    query = sa.select(comments.c.id).where(comments.c.id.in_(comment_ids), comments.c.shares_only.is_(True))
    return set(conn.execute(query).scalars())


def first_ids(conn: Connection, campaign_id: str, *, size: int) -> list[str]:
    """The first copies of each status, those that wait before all others."""
    order = (CommentStatus.FLAGGED, CommentStatus.PUBLISHED, CommentStatus.REJECTED, CommentStatus.WITHDRAWN)
    parts = [
        _copies(sa.select(comments.c.id, comments.c.status), campaign_id, status).order_by(comments.c.id).limit(size)
        for status in order
    ]
    placed = sorted((order.index(CommentStatus(row.status)), row.id) for row in conn.execute(union_of(parts)))
    return [id for _place, id in placed]


def newest_ids(conn: Connection, campaign_id: str, status: CommentStatus, *, limit: int) -> list[str]:
    query = _copies(sa.select(comments.c.id), campaign_id, status).order_by(comments.c.id.desc()).limit(limit)
    return list(conn.execute(query).scalars())
