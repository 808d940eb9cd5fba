"""The sums of a transparency report. Each counts rows, and is recounted from the rows by a test."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from moderation.ground.estimates import Share
from moderation.ground.values.statuses import CommentStatus
from moderation.law.notices.values import Outcome
from moderation.law.statements.facts import Automation, DecidedAgainst, Restriction, Source
from moderation.law.statements.measure_facts import AccountRestriction, MeasureAgainst
from moderation.sites.settings.grounds import GroundKind


class MeasureFact(NamedTuple):
    """All that the transparency report says of one decision or measure against an author."""

    source: Source
    kind: GroundKind
    category: str
    restriction: Restriction | AccountRestriction
    automation: Automation
    language: str  # two letters, or empty


@dataclass(frozen=True, slots=True)
class NoticeFact:
    """One notice, as far as the transparency report needs it."""

    category: str
    is_trusted: bool
    outcome: Outcome | None
    received_at: datetime
    decided_at: datetime | None
    is_settled: bool = False  # software found that it repeats what a person had answered

    @property
    def hours(self) -> float | None:
        """The hours from the receipt to the decision of a person."""
        if self.decided_at is None or self.is_settled or self.outcome is Outcome.WITHDRAWN:
            return None
        return (self.decided_at - self.received_at).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class AppealFact:
    """Appeals with one outcome in common; None of those that are open."""

    outcome: str | None
    is_automatic: bool
    is_of_measure: bool  # against a measure about an author
    count: int
    median_days: float | None


@dataclass(frozen=True, slots=True)
class People:
    members: int  # of the site, who may moderate now
    deciders: int  # who decided in the period
    by_language: Mapping[str, int]  # who decided comments in it


@dataclass(frozen=True, slots=True)
class TransparencyReport:
    site: str
    first: date
    last: date
    measures: Mapping[MeasureFact, int]
    amended: int  # of the measures, those that were undone or changed later
    notices: Sequence[NoticeFact]
    appeals: Sequence[AppealFact]
    decided: Mapping[tuple[str, CommentStatus], int]  # by who decided, and as what
    errors: Mapping[CommentStatus, Share]  # of the policy alone, from the checks of the period
    people: People
    users_per_month: int | None = None  # in the EU, as the site counts them

    def count(self, **wanted: object) -> int:
        """The measures whose fields have these values."""
        return sum(
            number
            for measured, number in self.measures.items()
            if all(getattr(measured, name) == value for name, value in wanted.items())
        )

    def by(self, *names: str, **wanted: object) -> dict[tuple[str, ...], int]:
        """The measures counted by some of their fields, in the order of these."""
        counts: Counter[tuple[str, ...]] = Counter()
        for measured, number in self.measures.items():
            if all(getattr(measured, name) == value for name, value in wanted.items()):
                counts[tuple(str(getattr(measured, name)) for name in names)] += number
        return dict(sorted(counts.items()))


def measured(about: DecidedAgainst | MeasureAgainst, kind: GroundKind, category: str) -> MeasureFact:
    """Counts of one whose statement has this ground."""
    code = (about.language or "").partition("-")[0].lower()
    language = code if len(code) == 2 else ""
    return MeasureFact(about.source, kind, category, about.restriction, about.automation, language)


def median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 2) if values else None
