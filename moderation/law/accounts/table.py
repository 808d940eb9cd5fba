"""An account as lines, in the order of the Commission's template (Implementing Regulation (EU) 2024/2835): orders,
notices, own-initiative measures, complaints, automation, people. Its CSV and its page show the same lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from moderation.ground.values.statuses import MACHINES, CommentStatus
from moderation.law.accounts.values import NoticeFact, YearlyAccount, median
from moderation.law.notices.values import Outcome
from moderation.law.statements.facts import Automation
from moderation.law.statements.transparency import VISIBILITY

COLUMNS = ("part", "indicator", "category", "scope", "value", "low", "high", "eu_terms")
ALL = "all"
_DECISION, _GROUND, _SOURCE = "AUTOMATED_DECISION_", "DECISION_GROUND_", "SOURCE_"
_OF_INDICATOR: Mapping[str, str] = {
    **{f"restriction_{kind}": name for kind, name in VISIBILITY.items()},
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


class AccountPart(StrEnum):
    ORDERS = "orders"
    NOTICES = "notices"
    OWN_INITIATIVE = "own_initiative"
    REPORTS = "reports"
    COMPLAINTS = "complaints"
    AUTOMATION = "automation"
    PEOPLE = "people"


_OF_PART: Mapping[AccountPart, str] = {
    AccountPart.OWN_INITIATIVE: f"{_SOURCE}VOLUNTARY",
    AccountPart.REPORTS: f"{_SOURCE}TYPE_OTHER_NOTIFICATION",
}


@dataclass(frozen=True, slots=True)
class AccountLine:
    part: AccountPart
    indicator: str
    value: float | int | None  # None: nothing to take it from
    category: str = ALL
    scope: str = ALL
    low: float | None = None
    high: float | None = None

    @property
    def cells(self) -> tuple[object, ...]:
        """By ``COLUMNS``; an empty cell where there is no value."""
        numbers = ("" if number is None else number for number in (self.value, self.low, self.high))
        return (self.part.value, self.indicator, self.category, self.scope, *numbers, " ".join(self.eu_terms))

    @property
    def eu_terms(self) -> tuple[str, ...]:
        """The values of the EU's database that the line counts, besides its category: a statement is counted in the
        line if it has them all."""
        terms = (_OF_PART.get(self.part), _OF_SCOPE.get(self.scope), _OF_INDICATOR.get(self.indicator))
        return tuple(filter(None, terms))


def lines(account: YearlyAccount) -> list[AccountLine]:
    return [
        *_orders(),
        *_notices(account),
        *_measures(account, AccountPart.OWN_INITIATIVE, "own_initiative"),
        *_measures(account, AccountPart.REPORTS, "report"),
        *_complaints(account),
        *_automation(account),
        *_people(account),
    ]


def _orders() -> Iterator[AccountLine]:
    """Gavel records none: the site adds those that it got."""
    yield AccountLine(AccountPart.ORDERS, "orders_to_act", 0)
    yield AccountLine(AccountPart.ORDERS, "orders_for_information", 0)


def _notices(account: YearlyAccount) -> Iterator[AccountLine]:
    trusted = [notice for notice in account.notices if notice.is_trusted]
    for scope, some in ((ALL, list(account.notices)), ("trusted_flaggers", trusted)):
        yield AccountLine(AccountPart.NOTICES, "received", len(some), scope=scope)
        for category, number in sorted(Counter(notice.category for notice in some).items()):
            yield AccountLine(AccountPart.NOTICES, "received", number, category, scope)
        for outcome in (*Outcome, None):
            number = sum(notice.outcome is outcome for notice in some)
            yield AccountLine(AccountPart.NOTICES, outcome or "open", number, scope=scope)
        yield AccountLine(AccountPart.NOTICES, "median_hours", _median_hours(some), scope=scope)
    yield AccountLine(
        AccountPart.NOTICES, "decided_by_automation_alone", sum(notice.is_settled for notice in account.notices)
    )
    for source, scope in (("notice", "notices"), ("trusted_flagger", "trusted_flaggers")):
        yield from _by_kind(account, AccountPart.NOTICES, source, scope)


def _median_hours(some: list[NoticeFact]) -> float | None:
    return median([hours for notice in some if (hours := notice.hours) is not None])


def _by_kind(account: YearlyAccount, part: AccountPart, source: str, scope: str) -> Iterator[AccountLine]:
    for (kind,), number in account.by("kind", source=source).items():
        yield AccountLine(part, f"measures_by_{kind}", number, scope=scope)


def _measures(account: YearlyAccount, part: AccountPart, source: str) -> Iterator[AccountLine]:
    yield AccountLine(part, "measures", account.count(source=source))
    for (kind, category), number in account.by("kind", "category", source=source).items():
        yield AccountLine(part, "measures", number, category, kind)
        detected = account.count(source=source, kind=kind, category=category, automation=Automation.FULLY)
        yield AccountLine(part, "decided_by_software", detected, category, kind)
    for name in ("restriction", "automation"):
        for (value,), number in account.by(name, source=source).items():
            yield AccountLine(part, f"{name}_{value}", number)
    for (language,), number in account.by("language", source=source).items():
        yield AccountLine(part, "language", number, scope=language or "unknown")


def _complaints(account: YearlyAccount) -> Iterator[AccountLine]:
    yield AccountLine(AccountPart.COMPLAINTS, "received", sum(appeal.count for appeal in account.appeals))
    for appeal in account.appeals:
        scope = "against_software" if appeal.is_automatic else "against_people"
        yield AccountLine(AccountPart.COMPLAINTS, appeal.outcome or "open", appeal.count, scope=scope)
        if appeal.median_days is not None:
            yield AccountLine(
                AccountPart.COMPLAINTS, f"{appeal.outcome}_median_days", round(appeal.median_days, 2), scope=scope
            )
    yield AccountLine(AccountPart.COMPLAINTS, "out_of_court_disputes", 0)  # as orders
    yield AccountLine(AccountPart.COMPLAINTS, "measures_changed_later", account.amended)


def _automation(account: YearlyAccount) -> Iterator[AccountLine]:
    for status in (CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED):
        yield AccountLine(
            AccountPart.AUTOMATION, f"{status}_by_software", _count(account.decided, status, machines=True)
        )
        yield AccountLine(
            AccountPart.AUTOMATION, f"{status}_by_people", _count(account.decided, status, machines=False)
        )
    for status, share in account.errors.items():
        rounded = (round(figure, 5) for figure in (share.share, share.low, share.high))
        value, low, high = rounded
        yield AccountLine(AccountPart.AUTOMATION, f"error_rate_{status}", value, low=low, high=high)
        yield AccountLine(AccountPart.AUTOMATION, f"checked_{status}", share.count)


def _count(decided: Mapping[tuple[str, CommentStatus], int], status: CommentStatus, *, machines: bool) -> int:
    return sum(number for (by, to), number in decided.items() if to is status and (by in MACHINES) is machines)


def _people(account: YearlyAccount) -> Iterator[AccountLine]:
    yield AccountLine(AccountPart.PEOPLE, "who_may_moderate", account.people.members)
    yield AccountLine(AccountPart.PEOPLE, "who_decided", account.people.deciders)
    for language, number in sorted(account.people.by_language.items()):
        yield AccountLine(AccountPart.PEOPLE, "who_decided", number, scope=language or "unknown")
