"""Marks on decided comments that will be scored once more. Like a new comment, a mark waits in the database
until a worker has scored it, so a run survives any stop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.database.inserting import insert_into
from moderation.ground.values.statuses import CommentStatus
from moderation.ground.values.verdicts import ReasonCode
from moderation.pipeline.rescoring.tables import rescores
from moderation.spine.comments.tables import comments, scorings


class Cause(StrEnum):
    OUTAGE = "outage"  # it was decided without scores
    MODELS = "models"  # an operator asked, mostly after a change of models


@dataclass(frozen=True, slots=True)
class RescoreMark:
    comment_id: str
    run_id: str
    cause: Cause
    requested_at: datetime  # when it is due; later for a slow run
    changes_only: bool = False
    releases: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Which decided comments a run takes."""

    site_id: str | None = None
    statuses: tuple[CommentStatus, ...] = (CommentStatus.PUBLISHED, CommentStatus.FLAGGED)
    since: datetime | None = None  # by time of arrival


def new_run_id() -> str:
    return new_id()


def insert_marks(conn: Connection, marks: Sequence[RescoreMark]) -> None:
    """A comment that is marked already keeps its mark."""
    if not marks:
        return
    rows = [
        {
            "comment_id": m.comment_id,
            "run_id": m.run_id,
            "cause": m.cause,
            "changes_only": m.changes_only,
            "releases": m.releases,
            "requested_at": m.requested_at,
        }
        for m in marks
    ]
    conn.execute(insert_into(conn, rescores).on_conflict_do_nothing(index_elements=["comment_id"]), rows)


def marks_of(conn: Connection, comment_ids: Sequence[str]) -> dict[str, RescoreMark]:
    """Marks by comment id; comments without one are left out."""
    rows = conn.execute(sa.select(rescores).where(rescores.c.comment_id.in_(comment_ids)))
    return {
        r.comment_id: RescoreMark(r.comment_id, r.run_id, Cause(r.cause), r.requested_at, r.changes_only, r.releases)
        for r in rows
    }


def due(conn: Connection, now: datetime, *, limit: int) -> dict[str, datetime]:
    """Comments with due marks, and the time since when each is due, oldest first."""
    query = sa.select(rescores.c.comment_id, rescores.c.requested_at).where(rescores.c.requested_at <= now)
    rows = conn.execute(query.order_by(rescores.c.requested_at, rescores.c.comment_id).limit(limit))
    return {r.comment_id: r.requested_at for r in rows}


def unscored_since(conn: Connection, site_id: str) -> datetime | None:
    """When the site's comments began to be decided without scores; None if a comment was scored since."""
    newest = conn.execute(sa.select(scorings.c.created_at).order_by(scorings.c.id.desc()).limit(1)).scalar_one_or_none()
    query = (
        sa.select(rescores.c.requested_at)
        .join(comments, comments.c.id == rescores.c.comment_id)
        .where(
            rescores.c.cause == Cause.OUTAGE,
            comments.c.site_id == site_id,
            # an operator retries a comment that could not be scored; that says nothing about others
            comments.c.flagged_for.is_distinct_from(ReasonCode.SCORING_FAILED.value),
        )
        .order_by(rescores.c.requested_at, rescores.c.comment_id)
        .limit(1)
    )
    if newest is not None:
        query = query.where(rescores.c.requested_at > newest)
    return conn.execute(query).scalar_one_or_none()


def remove_marks(conn: Connection, comment_ids: Iterable[str]) -> None:
    conn.execute(rescores.delete().where(rescores.c.comment_id.in_(list(comment_ids))))


def count_marks(conn: Connection, run_id: str) -> int:
    return conn.execute(sa.select(sa.func.count()).where(rescores.c.run_id == run_id)).scalar_one()


def candidates(conn: Connection, selection: Selection, *, after: str | None, limit: int) -> list[str]:
    """Ids of the comments that a run takes, in order, page by page."""
    query = _selected(sa.select(comments.c.id), selection)
    if after is not None:
        query = query.where(comments.c.id > after)
    return list(conn.execute(query.order_by(comments.c.id).limit(limit)).scalars())


def count_candidates(conn: Connection, selection: Selection) -> int:
    return int(conn.execute(_selected(sa.select(sa.func.count()).select_from(comments), selection)).scalar_one())


def _selected(query: sa.Select[Any], selection: Selection) -> sa.Select[Any]:
    query = query.where(comments.c.status.in_(selection.statuses))
    if selection.site_id is not None:
        query = query.where(comments.c.site_id == selection.site_id)
    if selection.since is not None:
        query = query.where(comments.c.received_at >= selection.since)
    return query
