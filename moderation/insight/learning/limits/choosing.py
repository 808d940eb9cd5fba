"""The limits of one signal that reach what a lead wishes for, over comments that people decided. Arithmetic only.

A limit reaches a wish if the worse end of its error's interval does: the error that is estimated alone would be
exceeded in truth at about half of all sites. The errors of all limits come from one curve (``error_curves``), as the
mildest of a hundred is chosen.

Each comment speaks for as many as its weight, so that the few that were checked at random count for the many that
nobody looked at. Nothing is estimated for a group of which nobody looked at any.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from moderation.ground.estimates import Share, draws_needed, joined, weighted_share
from moderation.ground.values.policies import Condition, Policy, Rule
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.insight.learning.limits.error_curves import STEPS, shares_below
from moderation.insight.learning.limits.sample_rows import JudgedComment
from moderation.judging.policy import verdicts
from moderation.judging.signals.registry import SIGNALS

LIMITS = tuple(number / STEPS for number in range(1, STEPS))  # of a score
OFFERED = (0.005, 0.01, 0.02, 0.05)  # errors side by side, beside the site's own wish
GROUPS = (CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED)
FEWEST = 100  # judged comments of a group, before it says anything


@dataclass(frozen=True, slots=True)
class Wishes:
    """Errors are shares: of what is published without a person, and of what is rejected by rule."""

    wrong_published: float
    wrong_rejected: float
    read_per_day: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How many comments the policy gave a verdict in the days, by the verdict's status, judged or not."""

    days: float
    verdicts: Mapping[CommentStatus, int]

    @property
    def per_day(self) -> float:
        return sum(self.verdicts.values()) / self.days


@dataclass(frozen=True, slots=True)
class LimitEffect:
    """The effect of a limit. ``limit`` is None for the policy without any rule on the signal."""

    limit: float | None
    wrong: Share | None  # of what is published, or rejected by the rule
    automated: float  # the share that is decided without a person
    held_per_day: float

    def surely_reaches(self, wish: float) -> bool:
        """Whether the worse end of the interval is within the wish."""
        return self.wrong is not None and self.wrong.high <= wish


@dataclass(frozen=True, slots=True)
class LimitFindings:
    """All that the page shows. ``lacking`` names the groups of which too few were judged; without the published ones
    there is no curve."""

    signal: str
    judged: Mapping[CommentStatus, int]
    lacking: tuple[CommentStatus, ...]
    per_day: float
    today: LimitEffect | None = None  # the policy as it is
    curve: tuple[LimitEffect, ...] = ()  # of flagging, from the strictest limit on
    publishing: LimitEffect | None = None  # surely reaches the wish for what is published, with the fewest held
    rejecting: LimitEffect | None = None  # surely reaches the wish for what is rejected by rule
    readable: LimitEffect | None = None  # the strictest that people can read
    offered: tuple[tuple[float, LimitEffect | None], ...] = ()  # other wishes for what is published
    missing: tuple[tuple[float, int | None], ...] = ()  # checks that all these wishes lack: see missing_checks


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A judged comment: its value, and the action of the policy as it is, without a rule on the signal, with one that
    flags it, and with one that rejects it."""

    value: float | None
    today: Action
    plain: Action
    flagged: Action
    rejected: Action
    is_wrong: bool  # people rejected it
    weight: float


def find(
    judged: Sequence[JudgedComment], counted: Counted, policy: Policy, signal: str, wishes: Wishes
) -> LimitFindings:
    """``signal`` must be a score on which a policy may have rules, and those that depend on the policy must be measured
    for this one."""
    seen = Counter(comment.verdict for comment in judged)
    lacking = tuple(g for g in GROUPS if counted.verdicts.get(g, 0) and seen[g] < min(FEWEST, counted.verdicts[g]))
    findings = LimitFindings(signal, {g: seen[g] for g in GROUPS}, lacking, counted.per_day)
    speaks = any(counted.verdicts.get(comment.verdict, 0) for comment in judged)
    if not speaks or CommentStatus.PUBLISHED in lacking or CommentStatus.FLAGGED in lacking:
        return findings
    weighed = list(_weigh(judged, counted, policy, signal))
    beyond = _beyond(signal)
    checked = seen[CommentStatus.PUBLISHED] or len(judged)
    curve = _flagging(weighed, beyond, signal, counted)
    return replace(
        findings,
        today=_today(weighed, counted),
        curve=curve,
        publishing=fewest_held(curve, wishes.wrong_published),
        rejecting=_rejecting(weighed, beyond, signal, counted, wishes.wrong_rejected),
        readable=next((point for point in curve if point.held_per_day <= wishes.read_per_day), None),
        offered=tuple((wish, fewest_held(curve, wish)) for wish in OFFERED),
        missing=tuple(
            (w, missing_checks(curve, w, checked)) for w in dict.fromkeys((wishes.wrong_published, *OFFERED))
        ),
    )


def fewest_held(curve: Sequence[LimitEffect], wish: float) -> LimitEffect | None:
    """Returns the last effect of the curve that surely reaches the wish, as it comes from the strictest limit on."""
    return next((point for point in reversed(curve) if point.surely_reaches(wish)), None)


def missing_checks(curve: Sequence[LimitEffect], wish: float, checked: int) -> int | None:
    """Returns how many more checks make a limit reach the wish surely, if its estimate stays as it is after the
    ``checked`` ones: 0 if one does already, None if no estimate is within the wish."""
    known = [point.wrong for point in curve if point.wrong is not None and point.wrong.share < wish]
    times = [draws_needed(wrong.share, wish) / wrong.effective for wrong in known]
    return max(0, ceil(checked * (min(times) - 1))) if times else None


def without_rules_on(policy: Policy, signal: str, actions: Sequence[Action]) -> Policy:
    """The policy without its rules of these actions on this signal alone."""
    kept = (r for r in policy.rules if not (r.signals == {signal} and r.action in actions))
    return replace(policy, rules=tuple(kept))


def _rejecting(
    weighed: Sequence[_Weighed], beyond: Callable[[float, float], bool], signal: str, counted: Counted, wish: float
) -> LimitEffect | None:
    """The mildest limit whose error stays within the wish also at the worse end of its interval. The curve is of the
    comments in the other order: the one least beyond the limits is likeliest to be rejected wrongly."""
    limits = _from_strict(signal)
    firing = [comment for comment in weighed if comment.value is not None and comment.rejected is Action.REJECT]
    wrong = shares_below(
        [(STEPS - 1 - _passed(comment, limits, beyond), comment.weight, not comment.is_wrong) for comment in firing]
    )
    errors = reversed(wrong[:-1])  # of those beyond the strictest limit first
    points = (_rejected(weighed, limit, beyond, error, counted) for limit, error in zip(limits, errors, strict=True))
    return next((point for point in points if point.surely_reaches(wish)), None)


def _weigh(judged: Sequence[JudgedComment], counted: Counted, policy: Policy, signal: str) -> Iterator[_Weighed]:
    """The weights of each group add up to the number of its comments."""
    sums: dict[CommentStatus, float] = defaultdict(float)
    for comment in judged:
        sums[comment.verdict] += comment.weight
    plain = without_rules_on(policy, signal, (Action.FLAG, Action.REJECT))
    flagging, rejecting = (_always(plain, signal, action) for action in (Action.FLAG, Action.REJECT))
    for comment in judged:
        signals = comment.signals
        today, without, flagged, rejected = (
            verdicts.decide(signals, trial, comment.circumstances).action
            for trial in (policy, plain, flagging, rejecting)
        )
        value = next((s.value for s in signals if s.name == signal), None)
        share = counted.verdicts.get(comment.verdict, 0) / sums[comment.verdict]
        yield _Weighed(value, today, without, flagged, rejected, comment.is_rejected, comment.weight * share)


def _always(policy: Policy, signal: str, action: Action) -> Policy:
    """The policy with a rule that fires wherever the signal has a value."""
    bound = SIGNALS[signal].bound_for(action)
    limit = 0.0 if bound == "at_least" else 2.0
    return replace(policy, rules=(*policy.rules, Rule((Condition(signal, bound, limit),), action)))


def _flagging(
    weighed: Sequence[_Weighed], beyond: Callable[[float, float], bool], signal: str, counted: Counted
) -> tuple[LimitEffect, ...]:
    """The effects of all limits, and of none. Comments published whatever the limit have an error of their own."""
    limits = _from_strict(signal)
    published = [comment for comment in weighed if comment.plain is Action.PUBLISH]
    moved = [comment for comment in published if comment.value is not None and comment.flagged is not Action.PUBLISH]
    ids = {id(comment) for comment in moved}
    kept = [comment for comment in published if id(comment) not in ids]
    below = shares_below([(_passed(comment, limits, beyond), comment.weight, comment.is_wrong) for comment in moved])
    always = weighted_share((comment.weight, comment.is_wrong) for comment in kept)
    always_weight = sum(comment.weight for comment in kept)
    points = []
    for at, (limit, error) in enumerate(zip((*limits, None), below, strict=True)):
        taken = [
            comment.flagged
            if limit is not None and comment.value is not None and beyond(comment.value, limit)
            else comment.plain
            for comment in weighed
        ]
        weight = sum(comment.weight for comment in moved if _passed(comment, limits, beyond) <= at)
        wrong = joined([(error, weight), (always, always_weight)])
        points.append(_point(limit, taken, weighed, wrong, counted))
    return tuple(points)


def _today(weighed: Sequence[_Weighed], counted: Counted) -> LimitEffect:
    wrong = weighted_share((comment.weight, comment.is_wrong) for comment in weighed if comment.today is Action.PUBLISH)
    return _point(None, [comment.today for comment in weighed], weighed, wrong, counted)


def _point(
    limit: float | None, taken: Sequence[Action], weighed: Sequence[_Weighed], wrong: Share | None, counted: Counted
) -> LimitEffect:
    total = sum(comment.weight for comment in weighed)
    flagged = (comment.weight for action, comment in zip(taken, weighed, strict=True) if action is Action.FLAG)
    held = sum(flagged) / total
    return LimitEffect(limit, wrong, 1 - held, held * counted.per_day)


def _rejected(
    weighed: Sequence[_Weighed],
    limit: float,
    beyond: Callable[[float, float], bool],
    wrong: Share | None,
    counted: Counted,
) -> LimitEffect:
    """Counts only the rule's own rejections: what the policy rejects anyway is no merit of the limit."""
    total = sum(comment.weight for comment in weighed)
    fired = [comment for comment in weighed if comment.value is not None and beyond(comment.value, limit)]
    by_rule = [comment for comment in fired if comment.rejected is Action.REJECT]
    names = {id(comment) for comment in by_rule}
    held = (
        sum(comment.weight for comment in weighed if comment.plain is Action.FLAG and id(comment) not in names) / total
    )
    return LimitEffect(limit, wrong, sum(comment.weight for comment in by_rule) / total, held * counted.per_day)


def _passed(comment: _Weighed, limits: Sequence[float], beyond: Callable[[float, float], bool]) -> int:
    """How many of the limits the comment is beyond, from the strictest on."""
    value = comment.value
    return 0 if value is None else bisect(limits, False, key=lambda limit: not beyond(value, limit))


def _beyond(signal: str) -> Callable[[float, float], bool]:
    if SIGNALS[signal].worse == "high":
        return lambda value, limit: value >= limit
    return lambda value, limit: value < limit


def _from_strict(signal: str) -> tuple[float, ...]:
    """Orders limits from the one that most comments are beyond."""
    return LIMITS if SIGNALS[signal].worse == "high" else LIMITS[::-1]
