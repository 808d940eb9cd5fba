"""The figures of a second reader: pure arithmetic on its answers beside people's decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from moderation.ground.estimates import Share, counted_share, difference_by_chance
from moderation.ground.values.statuses import CommentStatus
from moderation.spine.second_readings.agreement_rows import Reviewed
from moderation.spine.second_readings.replay_rows import ReplayedAnswer

CHANCE = 0.05
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReplayFigures:
    """Counts only, so that they can be kept; shares with their intervals follow."""

    rejected: int  # by people, and answered
    caught: int  # of these, it would hold
    published: int
    mistaken: int  # of these, it would hold
    missing: Mapping[str, int]  # by reason
    by_rule: Mapping[str, tuple[int, int]]  # how often it named the rule, and how often people rejected then
    calls: int
    tokens: int
    cost: int  # in millionths of a euro
    bytes_out: int
    latency_ms: int  # of all calls together
    model: str
    prompt_hash: str

    @property
    def answered(self) -> int:
        return self.rejected + self.published

    @property
    def catches(self) -> Share | None:
        return counted_share(self.caught, self.rejected)

    @property
    def mistakes(self) -> Share | None:
        return counted_share(self.mistaken, self.published)

    @property
    def absent(self) -> Share | None:
        gone = sum(self.missing.values())
        return counted_share(gone, gone + self.answered)

    @property
    def tells_apart(self) -> bool:
        """Whether it holds what people rejected more often than what they published, by more than chance."""
        catches, mistakes = self.catches, self.mistakes
        if catches is None or mistakes is None or catches.share <= mistakes.share:
            return False
        return difference_by_chance(catches, mistakes) < CHANCE

    def to_json(self) -> dict[str, Any]:
        named = {name: getattr(self, name) for name in ReplayFigures.__slots__}
        return {**named, "by_rule": {rule: list(counts) for rule, counts in self.by_rule.items()}}

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> ReplayFigures:
        return cls(**{**form, "by_rule": {rule: (named, right) for rule, (named, right) in form["by_rule"].items()}})


def of_replay(replayed: Iterable[ReplayedAnswer]) -> ReplayFigures:
    answers = list(replayed)
    read = [reply for reply in answers if reply.answer.missing is None and reply.answer.breaks is not None]
    rejected = [reply for reply in read if reply.status is CommentStatus.REJECTED]
    published = [reply for reply in read if reply.status is CommentStatus.PUBLISHED]
    named = Counter(reply.answer.rule for reply in rejected + published if reply.answer.breaks and reply.answer.rule)
    right = Counter(reply.answer.rule for reply in rejected if reply.answer.breaks and reply.answer.rule)
    paid = [reply.answer for reply in answers]
    return ReplayFigures(
        rejected=len(rejected),
        caught=sum(bool(reply.answer.breaks) for reply in rejected),
        published=len(published),
        mistaken=sum(bool(reply.answer.breaks) for reply in published),
        missing=Counter(reply.answer.missing.partition(":")[0] for reply in answers if reply.answer.missing),
        by_rule={str(rule): (count, right[rule]) for rule, count in named.items()},
        calls=sum(answer.calls for answer in paid),
        tokens=sum(answer.tokens_in + answer.tokens_out for answer in paid),
        cost=sum(answer.cost for answer in paid),
        bytes_out=sum(answer.bytes_out for answer in paid),
        latency_ms=sum(answer.latency_ms for answer in paid),
        model=next((reply.answer.model for reply in read if reply.answer.model), ""),
        prompt_hash=next((answer.prompt_hash for answer in paid if answer.prompt_hash), ""),
    )


@dataclass(frozen=True, slots=True)
class Week:
    """The seven days from ``begins`` on."""

    begins: date
    read: int
    breaks: int
    missing: int
    agreement: Share | None  # with people
    median_ms: int | None
    cost: int


@dataclass(frozen=True, slots=True)
class RuleAgreement:
    """The comments in which it saw this rule broken and that people decided."""

    rule: str
    agreement: Share


def agreement(reviewed: Iterable[Reviewed]) -> Share | None:
    """How often people decided as it said: rejected what breaks a rule, and published what breaks none."""
    decided = [read for read in reviewed if read.breaks is not None and read.is_rejected is not None]
    return counted_share(sum(read.breaks is read.is_rejected for read in decided), len(decided))


def by_rule(reviewed: Iterable[Reviewed]) -> list[RuleAgreement]:
    """The most frequent rule first."""
    broken = [read for read in reviewed if read.breaks and read.rule and read.is_rejected is not None]
    counts, right = Counter(read.rule for read in broken), Counter(read.rule for read in broken if read.is_rejected)
    shares = ((rule, counted_share(right[rule], count)) for rule, count in counts.most_common())
    return [RuleAgreement(rule, share) for rule, share in shares if rule is not None and share is not None]


def by_week(reviewed: Sequence[Reviewed]) -> list[Week]:
    """The newest week first. Weeks begin on Monday."""
    weeks: dict[date, list[Reviewed]] = {}
    for read in reviewed:
        day = read.read_at.date()
        weeks.setdefault(day - day.weekday() * DAY, []).append(read)
    return [_week(begins, weeks[begins]) for begins in sorted(weeks, reverse=True)]


def _week(begins: date, reviewed: Sequence[Reviewed]) -> Week:
    took = [read.latency_ms for read in reviewed if read.latency_ms]
    return Week(
        begins=begins,
        read=sum(read.breaks is not None for read in reviewed),
        breaks=sum(bool(read.breaks) for read in reviewed),
        missing=sum(read.breaks is None for read in reviewed),
        agreement=agreement(reviewed),
        median_ms=round(median(took)) if took else None,
        cost=sum(read.cost for read in reviewed),
    )
