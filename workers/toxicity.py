"""Score how toxic comments are: whole text, in windows of sentences, undisguised, calibrated.

Nothing is cut and nothing is too short; a comment in a language that the weights do not know is not scored at all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from tokenizers import Encoding

from workers.engines import Engine, Floats, logit, sigmoid
from workers.text import Copy, read, sentences, without_pictures
from workers.weights import TOXICITY_SIGNALS, Weights

OVERLAP_TOKENS = 16
"""Shared by neighbouring windows of a sentence that is cut by tokens, so that no phrase is lost at a seam."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch ``[start, end)`` of one reading of a comment that is scored in one go."""

    comment: int
    copy: Copy
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.copy.text[self.start : self.end]


class Toxicity:
    """An engine with the calibration of its weights. Values are probabilities, one per signal the weights have."""

    def __init__(self, engine: Engine, weights: Weights) -> None:
        self._engine = engine
        self.version = weights.version
        self.languages = weights.languages
        self.signals = tuple(label for label in engine.labels if label in TOXICITY_SIGNALS)
        self._columns = [engine.labels.index(label) for label in self.signals]
        calibrations = [weights.calibration(label) for label in self.signals]
        self._scale = np.asarray([c.scale for c in calibrations], dtype=np.float32)
        self._shift = np.asarray([c.shift for c in calibrations], dtype=np.float32)
        self._window_tokens = min(weights.window_tokens, engine.max_tokens)

    def score(self, texts: Sequence[str]) -> Floats:
        """Shape (texts, signals): for each signal the highest value of any window of any reading."""
        if not texts:
            return np.zeros((0, len(self.signals)), dtype=np.float32)
        windows, encodings = self.windows(texts)
        best = np.zeros((len(texts), len(self.signals)), dtype=np.float32)
        np.maximum.at(best, [w.comment for w in windows], self._probabilities([w.text for w in windows], encodings))
        return best

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Shape (texts, signals), calibrated, of texts that each keep to the window's tokens."""
        return self._probabilities(texts, self._engine.encode(texts))

    def windows(self, texts: Sequence[str]) -> tuple[list[Window], list[Encoding]]:
        """All that is scored: each reading of each text, cut only where it is longer than the weights read."""
        whole = [Window(i, copy, 0, len(copy.text)) for i, text in enumerate(texts) for copy in self._copies(text)]
        windows, encodings, cut = list[Window](), list[Encoding](), list[Window]()
        for window, encoding in zip(whole, self._engine.encode([w.text for w in whole]), strict=True):
            if len(encoding.ids) <= self._window_tokens:
                windows.append(window)
                encodings.append(encoding)
            else:
                cut += [replace(window, start=a, end=b) for a, b in cut_by_sentences(window.text, encoding, self._room)]
        return windows + cut, encodings + self._engine.encode([w.text for w in cut])

    def _copies(self, text: str) -> tuple[Copy, ...]:
        copies = read(text).copies
        return copies if self._engine.knows_pictures else tuple(map(without_pictures, copies))

    @property
    def _room(self) -> int:
        """Tokens of text in a window, with space for special tokens and for words that a cut splits differently."""
        return max(1, self._window_tokens - 8)

    def _probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        raw = self._engine.probabilities(texts, encodings)
        return sigmoid(self._scale * logit(raw[:, self._columns]) + self._shift)


def cut_by_sentences(text: str, encoding: Encoding, room: int) -> Iterator[tuple[int, int]]:
    """Stretches of whole sentences of at most ``room`` tokens; a longer sentence is cut between tokens."""
    tokens = [(start, end) for start, end in encoding.offsets if end > start]
    firsts = [start for start, _ in tokens]
    begin = at = 0  # the open window, in characters
    for _, end in sentences(text):
        if at > begin and bisect_left(firsts, end) - bisect_left(firsts, begin) > room:
            yield begin, at
            begin = at
        at = end
        if bisect_left(firsts, end) - bisect_left(firsts, begin) > room:
            yield from cut_by_tokens(tokens[bisect_left(firsts, begin) : bisect_left(firsts, end)], room)
            begin = end
    if at > begin:
        yield begin, at


def cut_by_tokens(tokens: Sequence[tuple[int, int]], room: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most ``room`` tokens that overlap a little, each from a token's start to a token's end."""
    step = max(1, room - min(OVERLAP_TOKENS, room // 2))
    for at in range(0, max(1, len(tokens) - room + step), step):
        piece = tokens[at : at + room]
        if piece:
            yield piece[0][0], piece[-1][1]
