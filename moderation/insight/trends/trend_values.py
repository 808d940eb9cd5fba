"""The numbers of Trends, and what follows from them alone."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.insight.trends.rows import HeadingOutcomes


@dataclass(frozen=True, slots=True)
class Day:
    day: str
    arrived: int
    published: int  # by the policy, as its first decision about a comment; so are the next two
    flagged: int
    rejected: int  # by the policy
    decided_again: int  # by the policy: after an edit, readers' reports or newer scores
    approved_by_people: int
    rejected_by_people: int
    taken_back: int  # of people's decisions on this day, those that do not stand now
    backlog: int  # flagged comments at the end of the day

    @property
    def decided(self) -> int:
        """First decisions by the policy, of any kind: each comment counts once."""
        return self.published + self.flagged + self.rejected

    @property
    def flag_rate(self) -> float:
        """The share of decided comments that were flagged, 0..1."""
        return self.flagged / self.decided if self.decided else 0.0


@dataclass(frozen=True, slots=True)
class Waits:
    """Minutes from flagging to a person's decision."""

    count: int
    median_min: float
    p90_min: float


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Comments that arrived, by their first decision. The parts add up to ``arrived``."""

    arrived: int
    published: int
    flagged: int
    rejected: int

    @property
    def undecided(self) -> int:
        """Those that wait for scores, or that were withdrawn or edited before they had any."""
        return self.arrived - self.published - self.flagged - self.rejected


@dataclass(frozen=True, slots=True)
class Forecast:
    waiting: int
    in_per_day: float
    out_per_day: float
    is_early: bool  # less than a day of decisions: nothing can be said about a pace

    @property
    def days_to_clear(self) -> float | None:
        """None if the queue does not shrink."""
        pace = self.out_per_day - self.in_per_day
        return self.waiting / pace if pace > 0 else None


@dataclass(frozen=True, slots=True)
class Trends:
    days: tuple[Day, ...]
    arrivals: Arrivals
    signals: tuple[HeadingOutcomes, ...]
    articles: tuple[HeadingOutcomes, ...]
    sections: tuple[HeadingOutcomes, ...]
    waits: Waits | None
    people: tuple[HeadingOutcomes, ...]  # for leads; ``flagged`` counts the decisions that were undone
    forecast: Forecast

    @property
    def decided(self) -> int:
        """First decisions by the policy, over all days."""
        return sum(day.decided for day in self.days)
