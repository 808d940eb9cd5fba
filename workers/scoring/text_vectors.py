"""Unit vectors of texts, by which relevance compares comments with articles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from workers.scoring.engines import Floats
from workers.scoring.relevance_calibration import Calibration


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

    @property
    def calibration(self) -> Calibration: ...

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of texts of any length, shape (texts, dimensions)."""
