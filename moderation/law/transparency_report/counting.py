"""Counts a transparency report of a site over some days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, first_id_at
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.estimates import Share
from moderation.ground.values.statuses import CommentStatus
from moderation.law.appeals import figure_rows as appeals
from moderation.law.appeals.figure_rows import AppealOutcomes
from moderation.law.statements import walking
from moderation.law.transparency_report import rows as store
from moderation.law.transparency_report.values import AppealFact, MeasureFact, TransparencyReport, measured
from moderation.sites import rows as sites

MOST_DAYS = 366

ErrorsOf = Callable[[Connection, str, datetime, datetime], Mapping[CommentStatus, Share]]
"""How often the policy erred at a site between two moments, by its verdict: ``checks.error_rates.errors_between``."""


def transparency_report(
    db: Database, site_id: str, first: date, last: date, *, errors_of: ErrorsOf
) -> TransparencyReport:
    """Of the days from ``first`` to ``last``, both included, in UTC. Decisions undone before the site heard of
    them do not count. Raises InvalidInput for days that no report covers."""
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InvalidInput(FieldProblem("to", f"must be 0 to {MOST_DAYS - 1} days after the first day"))
    start, end = midnight(first), midnight(last + timedelta(days=1))
    measures, amended = _measures(db, site_id, start, end)
    with db.read() as conn:
        site = sites.get_site(conn, site_id)
        return TransparencyReport(
            site=site.name,
            first=first,
            last=last,
            measures=measures,
            amended=amended,
            notices=store.notices_between(conn, site_id, start, end),
            appeals=[_appeal(outcome) for outcome in appeals.outcomes(conn, site_id, start, end)],
            decided=store.decided(conn, site_id, start, end),
            errors=errors_of(conn, site_id, start, end),
            people=store.people(conn, site_id, start, end),
            users_per_month=site.settings.users_per_month,
        )


def _appeal(of: AppealOutcomes) -> AppealFact:
    return AppealFact(
        of.outcome.value if of.outcome else None, of.is_automatic, of.is_of_measure, of.count, of.median_days
    )


def midnight(day: date) -> datetime:
    """Its first moment, in UTC."""
    return datetime.combine(day, time(), UTC)


def _measures(db: Database, site_id: str, start: datetime, end: datetime) -> tuple[Counter[MeasureFact], int]:
    """Of comments and of authors, and how many were undone or changed."""
    after, before = first_id_at(start), first_id_at(end)
    measures: Counter[MeasureFact] = Counter()
    amended = 0
    for on_comment in walking.of_decisions(db, site_id, after, before):
        measures[measured(on_comment.about, on_comment.ground.kind, on_comment.ground.category)] += 1
        amended += on_comment.about.amended_by is not None
    for on_author in walking.of_measures(db, site_id, after, before):
        measures[measured(on_author.about, on_author.ground.kind, on_author.ground.category)] += 1
        amended += on_author.about.amended_at is not None
    return measures, amended
