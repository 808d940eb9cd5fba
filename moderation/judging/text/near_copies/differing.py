"""Chooses, of many texts that are much alike, the few that differ most."""

from __future__ import annotations

from collections.abc import Sequence

MAX_WORDS = 400  # of each text


def most_different(texts: Sequence[str], *, most: int) -> list[int]:
    """Positions, at most ``most``: the first, and then each time the one that is farthest from those chosen.

    Distance is the share of words that two texts do not have in common, as they are written: a disguise counts too. Of
    equal texts only one is chosen, so there may be fewer.
    """
    if not texts:
        return []
    words = [frozenset(text.split()[:MAX_WORDS]) for text in texts]
    chosen = [0]
    nearest = [_distance(words[0], other) for other in words]
    while len(chosen) < most:
        farthest = max(range(len(words)), key=lambda at: (nearest[at], -at))
        if nearest[farthest] == 0:
            break
        chosen.append(farthest)
        nearest = [min(known, _distance(words[farthest], other)) for known, other in zip(nearest, words, strict=True)]
    return chosen


def _distance(left: frozenset[str], right: frozenset[str]) -> float:
    return 1 - len(left & right) / len(left | right) if left | right else 0.0
