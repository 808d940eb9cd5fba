"""Chooses how to find the words that carry toxicity scores: by the amounts that came with the scores or, for weights
that give none, by leaving words out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from moderation.ground.values.signals import Span
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.evidence.occlusion import Occlusion
from workers.scoring.evidence.token_marks import TokenMarks
from workers.scoring.evidence.toxicity_words import CommentToExplain


class Explainer(Protocol):
    """Explains comments that one ``Toxicity`` has scored."""

    def explain(self, asked: Sequence[CommentToExplain]) -> list[dict[str, tuple[Span, ...]]]:
        """Spans in the original texts, in order. Weights are shares of the score that the words add, and sum to at most
        1.

        Each comment has one mapping by signal; a signal with nothing to show is not in it.
        """


def explainer_of(toxicity: Toxicity) -> Explainer:
    """The one that needs no further run of the encoder, if the weights allow it."""
    return TokenMarks(toxicity) if toxicity.gives_amounts else Occlusion(toxicity)
