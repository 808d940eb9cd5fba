"""Unit vectors of texts, by which relevance compares comments with articles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_cost import OF_TOPIC
from workers.scoring.encoder.scored import Added
from workers.scoring.engines.onnx import Floats
from workers.scoring.relevance.calibration import Calibration

WINDOW = 128
"""Pieces of a window, at most."""

MOST_WINDOWS = OF_TOPIC // WINDOW
"""Of a comment, spread over it: they say what it is about."""


class TextVectors(Protocol):
    """An encoder with all that relevance must know about it. Its vectors can be compared only with each other."""

    @property
    def version(self) -> str: ...
    @property
    def space(self) -> str:
        """The name under which vectors are kept: see ``Weights.space``."""

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639 codes of the languages in which its relevance was measured."""

    def compares(self, language: str, other: str) -> bool:
        """Whether a comment and an article in these languages were measured beside each other."""

    def calibration_for(self, languages: Sequence[str]) -> Calibration:
        """The calibration for a comment and an article in these languages."""

    def vectors(self, texts: Sequence[str], *, to_explain: bool = False, most: int = MOST_WINDOWS) -> Floats:
        """Unit vectors of texts of any length, shape (texts, dimensions), of each of which at most ``most`` windows are
        read. ``added`` may be asked about texts that are given ``to_explain``."""

    def added(self, reading: Reading, to: Floats) -> Added | None:
        """How much each token adds to the cosine with a unit vector, shape (tokens, 1), in the window least like it;
        None if the weights do not say it. A comment that was just given ``to_explain`` is not read again, but for a
        long one."""
