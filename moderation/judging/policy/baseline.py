"""A site's newest comments under its policy in force, beside which other policies are tried. All that no try changes is
computed once: the signals, the words and links of the texts, the held comments, how each score is distributed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from moderation.ground.errors import TooCostly
from moderation.ground.values.policies import Policy
from moderation.judging.policy import replay
from moderation.judging.policy.replay import Holding, ReplayedComment
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.text.reading import Reading, affordable
from moderation.judging.text.reading_budget import Budget
from moderation.judging.text.vocabulary import Vocabulary

BINS = 20


@dataclass(frozen=True, slots=True)
class Baseline:
    """``values`` has each comment's finite values by signal; ``linking`` the places of the comments with links."""

    policy: Policy
    comments: tuple[ReplayedComment, ...]  # with the signals as the policy measures them
    values: tuple[Mapping[str, float], ...]
    linking: frozenset[int]
    holding: Holding
    histograms: Mapping[str, Sequence[int]]  # of each score: how many comments lie in each twentieth of 0..1
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True)
class _Measured:
    comment: ReplayedComment
    links: bool
    words: frozenset[str]


def baseline(scored: Sequence[ReplayedComment], policy: Policy, budget: Budget) -> Baseline:
    """Measures the signals of the comments for the policy, and finds those that it holds. Where the budget does not
    last for all, the longest texts are left out."""
    read: dict[int, _Measured] = {}
    with suppress(TooCostly):
        for place, reading in affordable([comment.text for comment in scored], budget):
            read[place] = _measured(scored[place], reading, policy)
    measured = [read[place] for place in sorted(read)]
    comments = tuple(measurement.comment for measurement in measured)
    linking = frozenset(place for place, measurement in enumerate(measured) if measurement.links)
    values = tuple(map(finite_values, comments))
    held = replay.holding(comments, policy)
    vocabulary = Vocabulary([measurement.words for measurement in measured])
    return Baseline(policy, comments, values, linking, held, _histograms(values), vocabulary)


def _measured(comment: ReplayedComment, reading: Reading, policy: Policy) -> _Measured:
    """Raises TooCostly."""
    signals = tuple(replay.measured_for(comment.signals, reading, policy))
    return _Measured(replace(comment, signals=signals), bool(reading.links), reading.distinct_words)


def _histograms(measured: Sequence[Mapping[str, float]]) -> dict[str, list[int]]:
    histograms: dict[str, list[int]] = {}
    scores = {name for name, spec in SIGNALS.items() if spec.scale == "score"}
    for values in measured:
        for name in scores & values.keys():
            counts = histograms.setdefault(name, [0] * BINS)
            counts[min(int(values[name] * BINS), BINS - 1)] += 1
    return histograms


def finite_values(comment: ReplayedComment) -> dict[str, float]:
    """The values that rules can fire on."""
    return {s.name: s.value for s in comment.signals if s.value is not None and math.isfinite(s.value)}
