"""The numbers of a transparency report beside the decisions against authors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at
from moderation.ground.values.statuses import CommentStatus
from moderation.law.notices.values import Outcome, Place
from moderation.law.transparency_report.values import NoticeFact, People
from moderation.sites.tables import memberships, moderators
from moderation.spine.comments.tables import comments, decisions, notices
from moderation.spine.events.tables import events


def notices_between(conn: Connection, site_id: str, first: datetime, end: datetime) -> list[NoticeFact]:
    """The notices that were received from ``first`` up to but not including ``end``."""
    within = sa.and_(notices.c.site_id == site_id, notices.c.received_at >= first, notices.c.received_at < end)
    query = sa.select(notices).where(within)
    return [
        NoticeFact(
            row.category,
            row.flagger is not None,
            Outcome(row.outcome) if row.outcome else None,
            row.received_at,
            row.decided_at,
            row.place == Place.SETTLED and row.outcome is not None,
        )
        for row in conn.execute(query.order_by(notices.c.id))
    ]


def decided(conn: Connection, site_id: str, first: datetime, end: datetime) -> Mapping[tuple[str, CommentStatus], int]:
    """The decisions that published, held or rejected a comment and that the site heard of, by who decided. An undo is
    no decision, and notes on decided comments that leave their status count for nothing."""
    was_cancelled = sa.exists().where(events.c.decision_id == decisions.c.id, events.c.cancelled_at.is_not(None))
    query = (
        sa.select(decisions.c.decided_by, decisions.c.status_after, sa.func.count().label("number"))
        .where(
            *_within(site_id, first, end),
            decisions.c.status_after != decisions.c.status_before,
            decisions.c.undoes.is_(None),
            ~was_cancelled,
        )
        .group_by(decisions.c.decided_by, decisions.c.status_after)
    )
    return {(row.decided_by, CommentStatus(row.status_after)): row.number for row in conn.execute(query)}


def people(conn: Connection, site_id: str, first: datetime, end: datetime) -> People:
    """Members are those of now: nobody keeps who could moderate then."""
    members = (
        sa.select(sa.func.count())
        .select_from(memberships)
        .join(moderators, moderators.c.id == memberships.c.moderator_id)
        .where(memberships.c.site_id == site_id, moderators.c.disabled_at.is_(None))
    )
    theirs = [*_within(site_id, first, end), decisions.c.moderator_id.is_not(None)]
    deciders = sa.select(sa.func.count(sa.distinct(decisions.c.moderator_id))).where(*theirs)
    language = sa.func.coalesce(comments.c.judged_in, comments.c.language)
    spoken = (
        sa.select(language.label("code"), sa.func.count(sa.distinct(decisions.c.moderator_id)).label("number"))
        .join(comments, comments.c.id == decisions.c.comment_id)
        .where(*theirs)
        .group_by(language)
    )
    by_language = {row.code or "": row.number for row in conn.execute(spoken)}
    return People(conn.execute(members).scalar_one(), conn.execute(deciders).scalar_one(), by_language)


def count_decisions(conn: Connection, site_id: str, first: datetime, end: datetime, *, at_most: int) -> int:
    """Of all kinds, counted up to ``at_most``."""
    some = sa.select(decisions.c.id).where(*_within(site_id, first, end)).limit(at_most).subquery()
    return conn.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()


def _within(site_id: str, first: datetime, end: datetime) -> list[sa.ColumnElement[bool]]:
    """Ids sort by time, so that the index on them bounds the rows."""
    return [
        decisions.c.site_id == site_id,
        decisions.c.id >= first_id_at(first),
        decisions.c.id < first_id_at(end),
        decisions.c.decided_by != "import",
    ]
