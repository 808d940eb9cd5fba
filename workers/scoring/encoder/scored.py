"""The stretches in which a comment is read, and all that one run of the encoder says about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Encoding

from moderation.judging.text.rewritten_text import Copy
from workers.scoring.encoder.attributions import Attributed
from workers.scoring.encoder.carried import Carried
from workers.scoring.engines.onnx import Floats, logit, sigmoid
from workers.scoring.vectors import unit


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch ``[start, end)`` of one reading of a comment, scored in one go."""

    comment: int
    copy: Copy
    start: int
    end: int
    discount: float = 0.0  # of the log-odds of every signal
    is_sample: bool = False  # of a text that is too long to be read whole

    @property
    def text(self) -> str:
        return self.copy.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Tokens:
    """All that the run says about a window's tokens, if the engine gives it: how much they add to the log-odds, shape
    (tokens, signals), and how they move the vector, shape (tokens, directions)."""

    encoding: Encoding
    added: Floats | None
    attributions: Floats | None

    @property
    def carried(self) -> Carried | None:
        return None if self.added is None else Carried(self.encoding.offsets, self.added)

    @property
    def attributed(self) -> Attributed | None:
        return None if self.attributions is None else Attributed(self.encoding.offsets, self.attributions)


Added = tuple[Window, Carried]
"""A window, and how much its tokens add to something."""


@dataclass(frozen=True, slots=True)
class ScoredWindows:
    """The windows of a comment, the probabilities that count for each, shape (windows, signals), what is known of their
    tokens, and, if the engine gives them, the vectors and these at length one, shape (windows, dimensions)."""

    windows: tuple[Window, ...]
    rows: Floats
    tokens: tuple[Tokens, ...]
    vectors: Floats | None = None
    units: Floats | None = None
    bare: Floats | None = None  # the rows without n-grams, if there are languages in which those do not count

    def at(self, places: Sequence[int]) -> ScoredWindows:
        """That of some of the windows, in order. For one window these are views: most comments have one."""
        own = slice(places[0], places[0] + 1) if len(places) == 1 else list(places)
        vectors, units, bare = (
            None if of_all is None else of_all[own] for of_all in (self.vectors, self.units, self.bare)
        )
        return ScoredWindows(
            tuple(self.windows[place] for place in places),
            self.rows[own],
            tuple(self.tokens[place] for place in places),
            vectors,
            units,
            bare,
        )

    @property
    def is_sample(self) -> bool:
        """Whether the windows leave out some of the text."""
        return any(window.is_sample for window in self.windows)

    @property
    def direction(self) -> Floats | None:
        """The unit vector in which the windows that make up the text lie together, without the sentence that is scored
        once more."""
        whole = [i for i, window in enumerate(self.windows) if not window.discount]
        if self.units is None or not whole:
            return None
        return self.units[whole[0]] if len(whole) == 1 else unit(self.units[whole].sum(axis=0))

    @property
    def whole(self) -> list[int]:
        """The windows that make up the text as it is read first: without a second reading, and without the sentence
        that is scored once more."""
        first = next((window.copy for window in self.windows if not window.discount), None)
        return [i for i, window in enumerate(self.windows) if not window.discount and window.copy is first]

    @property
    def in_full(self) -> Floats:
        """The probabilities of the windows' texts without any discount: shape (windows, signals)."""
        discounts = np.asarray([[w.discount] for w in self.windows], dtype=np.float32)
        return sigmoid(logit(self.rows) + discounts)


def highest(rows: Floats) -> Floats:
    """The highest probability of any window: shape (windows, signals) to (signals,)."""
    probabilities: Floats = rows[0] if len(rows) == 1 else rows.max(axis=0, initial=0.0)
    return probabilities
