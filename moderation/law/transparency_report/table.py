"""A transparency report as lines, in the order of the Commission's template (Implementing Regulation (EU) 2024/2835):
orders, notices, own-initiative measures, complaints, automation, people; and last the users. Its CSV and its page show
the same lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from moderation.ground.values.statuses import MACHINES, CommentStatus
from moderation.law.notices.values import Outcome
from moderation.law.statements.facts import Automation, Source
from moderation.law.statements.transparency import ACCOUNT, VISIBILITY
from moderation.law.transparency_report.values import NoticeFact, TransparencyReport, median

COLUMNS = ("part", "indicator", "category", "scope", "value", "low", "high", "eu_terms")
ALL = "all"
_DECISION, _GROUND, _SOURCE = "AUTOMATED_DECISION_", "DECISION_GROUND_", "SOURCE_"
_OF_INDICATOR: Mapping[str, str] = {
    **{f"restriction_{kind}": name for kind, name in VISIBILITY.items()},
    **{f"restriction_{kind}": name for kind, name in ACCOUNT.items()},
    **{f"automation_{kind}": f"{_DECISION}{kind.name}" for kind in Automation},
    "decided_by_software": f"{_DECISION}{Automation.FULLY.name}",
    "measures_by_house_rule": f"{_GROUND}INCOMPATIBLE_CONTENT",
    "measures_by_law": f"{_GROUND}ILLEGAL_CONTENT",
}
_OF_SCOPE: Mapping[str, str] = {
    "house_rule": f"{_GROUND}INCOMPATIBLE_CONTENT",
    "law": f"{_GROUND}ILLEGAL_CONTENT",
    "trusted_flaggers": f"{_SOURCE}TRUSTED_FLAGGER",
    "notices": f"{_SOURCE}ARTICLE_16",
}


class TransparencyPart(StrEnum):
    ORDERS = "orders"
    NOTICES = "notices"
    OWN_INITIATIVE = "own_initiative"
    REPORTS = "reports"
    COMPLAINTS = "complaints"
    AUTOMATION = "automation"
    PEOPLE = "people"
    USERS = "users"


_OF_PART: Mapping[TransparencyPart, str] = {
    TransparencyPart.OWN_INITIATIVE: f"{_SOURCE}VOLUNTARY",
    TransparencyPart.REPORTS: f"{_SOURCE}TYPE_OTHER_NOTIFICATION",
}


@dataclass(frozen=True, slots=True)
class TransparencyLine:
    part: TransparencyPart
    indicator: str
    value: float | int | None  # None: nothing to take it from
    category: str = ALL
    scope: str = ALL
    low: float | None = None
    high: float | None = None

    @property
    def cells(self) -> tuple[object, ...]:
        """The cells, by ``COLUMNS``: an empty cell where there is no value."""
        numbers = ("" if number is None else number for number in (self.value, self.low, self.high))
        return (self.part.value, self.indicator, self.category, self.scope, *numbers, " ".join(self.eu_terms))

    @property
    def eu_terms(self) -> tuple[str, ...]:
        """The values of the EU's database that the line counts, besides its category: a statement is counted in the
        line if it has them all."""
        terms = (_OF_PART.get(self.part), _OF_SCOPE.get(self.scope), _OF_INDICATOR.get(self.indicator))
        return tuple(filter(None, terms))


def lines(transparency: TransparencyReport) -> list[TransparencyLine]:
    return [
        *_orders(),
        *_notices(transparency),
        *_measures(transparency, TransparencyPart.OWN_INITIATIVE, Source.OWN_INITIATIVE),
        *_measures(transparency, TransparencyPart.REPORTS, Source.REPORT),
        *_complaints(transparency),
        *_automation(transparency),
        *_people(transparency),
        TransparencyLine(TransparencyPart.USERS, "users_per_month", transparency.users_per_month),
    ]


def _orders() -> Iterator[TransparencyLine]:
    """Gavel records none: the site adds those that it got."""
    yield TransparencyLine(TransparencyPart.ORDERS, "orders_to_act", 0)
    yield TransparencyLine(TransparencyPart.ORDERS, "orders_for_information", 0)


def _notices(transparency: TransparencyReport) -> Iterator[TransparencyLine]:
    trusted = [notice for notice in transparency.notices if notice.is_trusted]
    for scope, some in ((ALL, list(transparency.notices)), ("trusted_flaggers", trusted)):
        yield TransparencyLine(TransparencyPart.NOTICES, "received", len(some), scope=scope)
        for category, number in sorted(Counter(notice.category for notice in some).items()):
            yield TransparencyLine(TransparencyPart.NOTICES, "received", number, category, scope)
        for outcome in (*Outcome, None):
            number = sum(notice.outcome is outcome for notice in some)
            yield TransparencyLine(TransparencyPart.NOTICES, outcome or "open", number, scope=scope)
        yield TransparencyLine(TransparencyPart.NOTICES, "median_hours", _median_hours(some), scope=scope)
    yield TransparencyLine(
        TransparencyPart.NOTICES,
        "decided_by_automation_alone",
        sum(notice.is_settled for notice in transparency.notices),
    )
    for source, scope in ((Source.NOTICE, "notices"), (Source.TRUSTED_FLAGGER, "trusted_flaggers")):
        for (kind,), number in transparency.by("kind", source=source).items():
            yield TransparencyLine(TransparencyPart.NOTICES, f"measures_by_{kind}", number, scope=scope)
        yield from _by_outcome(transparency, TransparencyPart.NOTICES, source, scope)


def _median_hours(some: list[NoticeFact]) -> float | None:
    return median([hours for notice in some if (hours := notice.hours) is not None])


def _by_outcome(
    transparency: TransparencyReport, part: TransparencyPart, source: Source, scope: str = ALL
) -> Iterator[TransparencyLine]:
    """The outcome for the comments, and whether a machine decided."""
    for name in ("restriction", "automation"):
        for (value,), number in transparency.by(name, source=source).items():
            yield TransparencyLine(part, f"{name}_{value}", number, scope=scope)


def _measures(transparency: TransparencyReport, part: TransparencyPart, source: Source) -> Iterator[TransparencyLine]:
    yield TransparencyLine(part, "measures", transparency.count(source=source))
    for (kind, category), number in transparency.by("kind", "category", source=source).items():
        yield TransparencyLine(part, "measures", number, category, kind)
        detected = transparency.count(source=source, kind=kind, category=category, automation=Automation.FULLY)
        yield TransparencyLine(part, "decided_by_software", detected, category, kind)
    yield from _by_outcome(transparency, part, source)
    for (language,), number in transparency.by("language", source=source).items():
        yield TransparencyLine(part, "language", number, scope=language or "unknown")


def _complaints(transparency: TransparencyReport) -> Iterator[TransparencyLine]:
    yield TransparencyLine(
        TransparencyPart.COMPLAINTS, "received", sum(appeal.count for appeal in transparency.appeals)
    )
    for appeal in transparency.appeals:
        by = "software" if appeal.is_automatic else "people"
        scope = f"against_measures_of_{by}" if appeal.is_of_measure else f"against_{by}"
        yield TransparencyLine(TransparencyPart.COMPLAINTS, appeal.outcome or "open", appeal.count, scope=scope)
        if appeal.median_days is not None:
            yield TransparencyLine(
                TransparencyPart.COMPLAINTS, f"{appeal.outcome}_median_days", round(appeal.median_days, 2), scope=scope
            )
    yield TransparencyLine(TransparencyPart.COMPLAINTS, "out_of_court_disputes", 0)  # as orders
    yield TransparencyLine(TransparencyPart.COMPLAINTS, "measures_changed_later", transparency.amended)


def _automation(transparency: TransparencyReport) -> Iterator[TransparencyLine]:
    for status in (CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED):
        yield TransparencyLine(
            TransparencyPart.AUTOMATION, f"{status}_by_software", _count(transparency.decided, status, machines=True)
        )
        yield TransparencyLine(
            TransparencyPart.AUTOMATION, f"{status}_by_people", _count(transparency.decided, status, machines=False)
        )
    for status, share in transparency.errors.items():
        rounded = (round(figure, 5) for figure in (share.share, share.low, share.high))
        value, low, high = rounded
        yield TransparencyLine(TransparencyPart.AUTOMATION, f"error_rate_{status}", value, low=low, high=high)
        yield TransparencyLine(TransparencyPart.AUTOMATION, f"checked_{status}", share.count)


def _count(decided: Mapping[tuple[str, CommentStatus], int], status: CommentStatus, *, machines: bool) -> int:
    return sum(number for (by, to), number in decided.items() if to is status and (by in MACHINES) is machines)


def _people(transparency: TransparencyReport) -> Iterator[TransparencyLine]:
    yield TransparencyLine(TransparencyPart.PEOPLE, "who_may_moderate", transparency.people.members)
    yield TransparencyLine(TransparencyPart.PEOPLE, "who_decided", transparency.people.deciders)
    for language, number in sorted(transparency.people.by_language.items()):
        yield TransparencyLine(TransparencyPart.PEOPLE, "who_decided", number, scope=language or "unknown")
