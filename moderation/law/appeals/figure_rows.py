"""Appeals as the desk and the transparency report count them."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.law.appeals import rows as store
from moderation.law.appeals.tables import IS_OPEN, appeals
from moderation.law.appeals.values import AppealOutcome
from moderation.sites.audit.actors import ActorKind
from moderation.spine.articles.tables import author_measures
from moderation.spine.comments.tables import decisions

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DecidedAppeal:
    outcome: AppealOutcome
    created_at: datetime
    decided_at: datetime
    rule: str | None  # the signal or the code of the first rule; None where a person decided
    rejection_reason: str | None
    measure: str | None = None  # that the appeal is against, else a decision on a comment


@dataclass(frozen=True, slots=True)
class AppealOutcomes:
    """Appeals that came within a period and have one outcome in common."""

    outcome: AppealOutcome | None  # None of those that are still open
    is_automatic: bool  # against decisions that software made alone
    is_of_measure: bool  # against measures about authors
    count: int
    median_days: float | None  # from appeal to outcome


def open_now(conn: Connection, site_id: str) -> tuple[int, datetime | None]:
    """How many are open, and since when the oldest of them is."""
    mine = (appeals.c.site_id == site_id, sa.text(f"appeals.{IS_OPEN}"))
    count = conn.execute(sa.select(sa.func.count()).where(*mine)).scalar_one()
    oldest = sa.select(appeals.c.created_at).where(*mine).order_by(appeals.c.id).limit(1)
    return int(count), conn.execute(oldest).scalar_one_or_none()


def decided_since(conn: Connection, site_id: str, moment: datetime, *, limit: int) -> list[DecidedAppeal]:
    """The newest ``limit`` that are closed, newest first."""
    query = (
        sa.select(
            appeals.c.outcome,
            appeals.c.created_at,
            appeals.c.decided_at,
            decisions.c.decided_by,
            decisions.c.reasons,
            decisions.c.category,
            author_measures.c.measure,
        )
        .outerjoin(decisions, decisions.c.id == appeals.c.decision_id)
        .outerjoin(author_measures, author_measures.c.id == appeals.c.measure_id)
        .where(appeals.c.site_id == site_id, appeals.c.decided_at >= moment)
        .order_by(appeals.c.decided_at.desc())
        .limit(limit)
    )
    return [_decided(row) for row in conn.execute(query).mappings()]


def outcomes(conn: Connection, site_id: str, since: datetime, until: datetime) -> list[AppealOutcomes]:
    """Of the appeals that came from ``since`` up to but not including ``until``, so that the counts add up to all of
    them."""
    query = (
        sa.select(
            appeals.c.outcome,
            decisions.c.decided_by,
            author_measures.c.made_by,
            appeals.c.created_at,
            appeals.c.decided_at,
        )
        .outerjoin(decisions, decisions.c.id == appeals.c.decision_id)
        .outerjoin(author_measures, author_measures.c.id == appeals.c.measure_id)
        .where(appeals.c.site_id == site_id, appeals.c.created_at >= since, appeals.c.created_at < until)
    )
    days: dict[tuple[bool, AppealOutcome | None, bool], list[float | None]] = defaultdict(list)
    for row in conn.execute(query):
        outcome = AppealOutcome(row.outcome) if row.outcome else None
        taken = (row.decided_at - row.created_at) / DAY if row.decided_at else None
        by_software = store.is_automatic(row.decided_by) if row.made_by is None else row.made_by == ActorKind.SYSTEM
        days[row.made_by is not None, outcome, by_software].append(taken)
    order: Mapping[AppealOutcome | None, int] = {outcome: n for n, outcome in enumerate((*AppealOutcome, None))}
    return [
        AppealOutcomes(outcome, automatic, of_measure, len(took), _median(took))
        for (of_measure, outcome, automatic), took in sorted(
            days.items(), key=lambda item: (item[0][0], order[item[0][1]], item[0][2])
        )
    ]


def _decided(fields: sa.RowMapping) -> DecidedAppeal:
    first = fields["reasons"][0] if fields["reasons"] and store.is_automatic(fields["decided_by"]) else {}
    return DecidedAppeal(
        AppealOutcome(fields["outcome"]),
        fields["created_at"],
        fields["decided_at"],
        first.get("signal") or first.get("code"),
        fields["category"],
        fields["measure"],
    )


def _median(days: Sequence[float | None]) -> float | None:
    known = [wait for wait in days if wait is not None]
    return statistics.median(known) if known else None
