"""How often the policy is wrong without a person, from the checks alone: estimates for all that it decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.estimates import Share, weighted_share
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check

WINDOW = timedelta(days=90)
ROLLING = timedelta(days=28)  # that each point of a chart looks back
WEEK = timedelta(days=7)
VERDICTS = (CommentStatus.PUBLISHED, CommentStatus.REJECTED, CommentStatus.FLAGGED)


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """The errors among comments with one thing in common."""

    name: str  # empty where the comments have no such thing
    errors: Mapping[CommentStatus, Share]  # by verdict, those that were checked


@dataclass(frozen=True, slots=True)
class ErrorsOfDay:
    """The errors of the four weeks before a day."""

    day: date
    errors: Mapping[CommentStatus, Share]


@dataclass(frozen=True, slots=True)
class Rates:
    """Of the last ninety days."""

    errors: Mapping[CommentStatus, Share]  # by verdict, those that were checked
    checked: int
    waiting: int  # for a person to judge
    sections: tuple[ErrorRow, ...] = ()
    languages: tuple[ErrorRow, ...] = ()
    models: tuple[ErrorRow, ...] = ()
    weeks: tuple[ErrorsOfDay, ...] = field(default=())  # oldest first

    @property
    def wrong_published(self) -> Share | None:
        return self.errors.get(CommentStatus.PUBLISHED)


def of_site(conn: Connection, site_id: str, *, now: datetime) -> Rates:
    """The errors by verdict, section, language, model version and week."""
    return rates_of(checks.since(conn, site_id, now - WINDOW), now=now)


def errors_between(conn: Connection, site_id: str, start: datetime, end: datetime) -> dict[CommentStatus, Share]:
    """By verdict, of the comments drawn from ``start`` up to but not including ``end``, those that were checked."""
    drawn = [check for check in checks.since(conn, site_id, start) if check.drawn_at < end]
    return errors(check for check in drawn if check.outcome is not None)


def rates_of(drawn: Sequence[Check], *, now: datetime) -> Rates:
    """As ``of_site``, of checks at hand."""
    decided = [check for check in drawn if check.outcome is not None]
    return Rates(
        errors=errors(decided),
        checked=sum(c.verdict is not CommentStatus.FLAGGED for c in decided),
        waiting=sum(c.outcome is None and c.verdict is not CommentStatus.FLAGGED for c in drawn),
        sections=_rows(decided, lambda c: (c.section or "",)),
        languages=_rows(decided, lambda c: (c.language or "",)),
        models=_rows(decided, lambda c: (f"{name} {version}" for name, version in c.models.items())),
        weeks=_weeks(decided, now),
    )


def errors(decided: Iterable[Check]) -> dict[CommentStatus, Share]:
    """By verdict, the share that people decided otherwise. A flagged comment was wrongly so if people published it."""
    every = list(decided)
    shares = {v: weighted_share((c.weight, is_wrong(c)) for c in every if c.verdict is v) for v in VERDICTS}
    return {verdict: share for verdict, share in shares.items() if share is not None}


def is_wrong(check: Check) -> bool:
    if check.verdict is CommentStatus.FLAGGED:
        return check.outcome is CommentStatus.PUBLISHED
    return check.outcome is not check.verdict


def _rows(decided: Sequence[Check], names: Callable[[Check], Iterable[str]]) -> tuple[ErrorRow, ...]:
    """The rows with most checks come first."""
    by_name: dict[str, list[Check]] = {}
    for check in decided:
        for name in names(check):
            by_name.setdefault(name, []).append(check)
    ordered = sorted(by_name.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(ErrorRow(name, errors(of)) for name, of in ordered)


def _weeks(decided: Sequence[Check], now: datetime) -> tuple[ErrorsOfDay, ...]:
    ends = [now - WEEK * number for number in reversed(range(WINDOW // WEEK))]
    points = [ErrorsOfDay(end.date(), errors(c for c in decided if end - ROLLING < c.drawn_at <= end)) for end in ends]
    return tuple(point for point in points if point.errors)
