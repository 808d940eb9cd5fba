"""A site's newest comments under its policy in force, beside which other policies are tried. All that no try changes is
computed once: the signals, the words and links of the texts, the held comments, how each score is distributed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from moderation.policy import replay
from moderation.policy.replay import Holding, ReplayedComment
from moderation.signals.registry import SIGNALS
from moderation.text.reading import Reading
from moderation.text.vocabulary import Vocabulary
from moderation.values.policies import Policy

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


def baseline(scored: Sequence[ReplayedComment], policy: Policy) -> Baseline:
    """Measures the signals of the comments for the policy, and finds those that it holds."""
    comments, linking = [], set()
    for place, comment in enumerate(scored):
        reading = Reading(comment.text)
        comments.append(replace(comment, signals=tuple(replay.measured_for(comment.signals, reading, policy))))
        if reading.links:
            linking.add(place)
    values = tuple(map(finite_values, comments))
    held = replay.holding(comments, policy)
    vocabulary = Vocabulary([comment.text for comment in comments])
    return Baseline(policy, tuple(comments), values, frozenset(linking), held, _histograms(values), vocabulary)


def _histograms(measured: Sequence[Mapping[str, float]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    scores = {name for name, spec in SIGNALS.items() if spec.scale == "score"}
    for values in measured:
        for name in scores & values.keys():
            counts = found.setdefault(name, [0] * BINS)
            counts[min(int(values[name] * BINS), BINS - 1)] += 1
    return found


def finite_values(comment: ReplayedComment) -> dict[str, float]:
    """The values that rules can fire on."""
    return {s.name: s.value for s in comment.signals if s.value is not None and math.isfinite(s.value)}
