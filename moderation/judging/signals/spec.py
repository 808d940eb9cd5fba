"""The description of a signal: all that any part of Gavel needs to know about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from moderation.ground.errors import FAULTS
from moderation.ground.values.policies import Bound, Policy
from moderation.ground.values.signals import Signal, Span
from moderation.ground.values.statuses import Action
from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text.reading import Reading

Tone = Literal["harm", "topic", "other"]

RULES = "rules"  # the source that a signal without a model names
FAILED = "rules failed"  # the beginning of the source of one that broke
MAX_SPANS = 50  # as many are kept as evidence; the value counts all


@dataclass(frozen=True, slots=True)
class Measured:
    """A signal's value for one comment, or the reason why it abstains, with the places in the text that carry it."""

    value: float | None
    abstained: str | None = None
    evidence: tuple[Span, ...] = ()


NOT_SENT = Measured(None, "not sent")
"""Of a fact that the site did not send with the comment: unknown stays unknown and fires nothing."""

NOTHING_FOUND = Measured(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSpec:
    """One signal. Exactly one of ``model`` and ``measure`` is set.

    A score lies in 0..1; a count is a whole number from 0. ``meaning`` is one sentence; ``remarks`` is what the
    documentation adds.
    """

    name: str
    title: str
    meaning: str
    remarks: str = ""
    scale: Literal["score", "count"]
    worse: Literal["high", "low"] = "high"
    model: str | None = None  # the model that computes it, by its key in Scoring.models
    measure: Callable[[CommentToScore], Measured] | None = None
    measure_again: Callable[[Reading, Policy], Measured] | None = None  # for a list's signal: see policy.replay
    lists: tuple[str, ...] = ()  # the lists of the policy that the signal depends on: all that measure_again reads
    is_required: bool = False  # in the default policy
    allows_rules: bool = True  # False if no policy may have a rule on it
    is_harmful: bool = False  # the worst of these decides a comment's place in the queue
    is_masked: bool = False  # the desk hides its evidence until somebody asks
    is_spared: bool = False  # a limit of taste: it does not apply to trusted authors
    is_grave: bool = False  # no trust and no record lifts its limit: see policy.trust
    is_shipped_list: bool = False  # of words that come with Gavel: a policy may do without all its rules
    tone: Tone = "other"  # the desk's colour family

    def __post_init__(self) -> None:
        if (self.model is None) is (self.measure is None):
            raise ValueError(f"signal {self.name} needs a model or a measure, and not both")
        if (self.measure_again is None) is bool(self.lists):
            raise ValueError(f"signal {self.name} must name the lists that it is measured again for, and no others")

    @property
    def default_limit(self) -> float | None:
        """The limit from which a new site flags a comment; None if it has no rule on the signal."""
        return DEFAULT_LIMITS.get(self.name)

    def bound_for(self, action: Action) -> Bound:
        """Rules that flag or reject look at the worse end of a signal, rules that publish at the better end."""
        return "at_least" if (self.worse == "high") is (action is not Action.PUBLISH) else "below"

    def signal_of(self, comment: CommentToScore) -> Signal:
        """Computes the signal. Only for signals that need no model.

        If the code breaks on this text, the signal is missing, its source says why, and the comment's other signals and
        its neighbours in a batch are not affected. Raises TooCostly.
        """
        if self.measure is None:
            raise ValueError(f"signal {self.name} needs the model {self.model}")
        try:
            measured = self.measure(comment)
        except FAULTS as e:
            return self._failed(e)
        return Signal(self.name, measured.value, RULES, measured.abstained, measured.evidence)

    def signal_again(self, signal: Signal, reading: Reading, policy: Policy) -> Signal:
        """The signal as the lists of another policy make it. If that breaks, it is missing, as in ``signal_of``."""
        if self.measure_again is None:
            return signal
        try:
            value = self.measure_again(reading, policy).value
        except FAULTS as e:
            return self._failed(e)
        return signal if value == signal.value else replace(signal, value=value)

    def _failed(self, error: Exception) -> Signal:
        at = error.__traceback__
        while at is not None and at.tb_next is not None:
            at = at.tb_next
        where = f" in {at.tb_frame.f_code.co_name}, line {at.tb_lineno}" if at else ""
        notes = "".join(f", {note}" for note in getattr(error, "__notes__", ()))
        return Signal(self.name, None, f"{FAILED}: {type(error).__name__}{where}{notes}")


def counted(stretches: Sequence[tuple[int, int]]) -> Measured:
    """The number of stretches found in the comment's text. Each carries an equal share."""
    if not stretches:
        return NOTHING_FOUND
    spans = tuple(Span(start, end, weight=1 / len(stretches)) for start, end in stretches[:MAX_SPANS])
    return Measured(float(len(stretches)), evidence=spans)
