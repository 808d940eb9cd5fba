"""The stretches in which a comment is read, and all that one run of the encoder says about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from moderation.text.copies import Copy
from workers.scoring.carried import Carried
from workers.scoring.engines import Floats, logit, sigmoid
from workers.scoring.group_names import Named
from workers.scoring.pulls import Pulled


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch ``[start, end)`` of one reading of a comment, scored in one go."""

    comment: int
    copy: Copy
    start: int
    end: int
    discount: float = 0.0  # of the log-odds of every signal

    @property
    def text(self) -> str:
        return self.copy.text[self.start : self.end]


Added = tuple[Window, Carried]
"""A window, and how much its tokens add to something."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The windows of a comment, the probabilities that count for each, shape (windows, signals), and, if the engine
    gives them, the vectors, shape (windows, dimensions), the amounts that the tokens add, and how they pull the
    vector."""

    windows: tuple[Window, ...]
    rows: Floats
    vectors: Floats | None = None
    bare: Floats | None = None  # the rows without n-grams, if there are languages in which those do not count
    carried: tuple[Carried, ...] | None = None  # of each window
    named: tuple[Named, ...] | None = None  # of each window, if the names of groups count less in these rows
    pulled: tuple[Pulled, ...] | None = None  # of each window

    @property
    def whole_vectors(self) -> Floats | None:
        """Those of the windows that make up the text, without the sentence that is scored once more."""
        return None if self.vectors is None else self.vectors[[not window.discount for window in self.windows]]

    @property
    def whole(self) -> list[int]:
        """The windows that make up the text as it is read first: without a second reading, and without the sentence
        that is scored once more."""
        first = next((window.copy for window in self.windows if not window.discount), None)
        return [i for i, window in enumerate(self.windows) if not window.discount and window.copy is first]

    @property
    def taken(self) -> Floats:
        """The log-odds that are taken off for the names of groups: shape (windows, signals)."""
        return np.zeros_like(self.rows) if not self.named else np.stack([one.taken for one in self.named])

    @property
    def in_full(self) -> Floats:
        """The probabilities of the windows' texts without any discount, and with the names of groups: shape (windows,
        signals)."""
        discounts = np.asarray([[w.discount] for w in self.windows], dtype=np.float32)
        return sigmoid(logit(self.rows) + self.taken + discounts)


def at(rows: Floats | None, places: list[int]) -> Floats | None:
    """The rows of one comment, if there are any rows."""
    return None if rows is None else rows[places]
