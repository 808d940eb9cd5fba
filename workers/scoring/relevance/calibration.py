"""From how alike a comment and its article are to the probability that the comment is on topic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FEATURES = ("title", "passage", "passages", "names")
"""The cosine with the title or, if nearer, with section and tags; with the nearest passage of summary or text; the mean
of the three nearest; the share of the comment's content words that the article has. A missing one is 0."""

KINDS = ("text", "title", "parent")
"""Each is calibrated separately: articles with a text or a summary, articles with a title only, and replies against
their parent."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """A logistic regression over named features."""

    intercept: float
    weights: Mapping[str, float]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Coefficients:
        """The coefficients in the manifest."""
        return cls(float(given["intercept"]), {name: float(w) for name, w in given["weights"].items()})

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability for these features, 0..1."""
        total = self.intercept + sum(w * features[name] for name, w in self.weights.items())
        return 1.0 / (1.0 + math.exp(-min(30.0, max(-30.0, total))))


Calibration = Mapping[str, Coefficients]
"""The coefficients of each kind."""


def calibration_of(given: Mapping[str, Any]) -> Calibration:
    """The calibration in a manifest. Raises KeyError if a kind is missing."""
    return {kind: Coefficients.of(given[kind]) for kind in KINDS}
