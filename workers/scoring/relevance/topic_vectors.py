"""The vectors of the multilingual encoder of topics: all twelve layers of its base, taught by headlines and comments.

The layers that score toxicity in these languages know little of what a text is about, so relevance has a graph of its
own, over the same word table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from moderation.ground.errors import ModelUnavailable
from moderation.judging.text.long_words import with_long_words_cut
from moderation.judging.text.reading import Reading
from moderation.judging.text.rewritten_text import Copy
from workers.scoring.encoder.carried import Carried, Place
from workers.scoring.encoder.scored import Added, Window
from workers.scoring.encoder.windows import in_windows
from workers.scoring.engines.onnx import BATCH_TOKENS, VECTOR, Floats, packed
from workers.scoring.engines.table_session import TableSession
from workers.scoring.engines.weights import TOPICS_FILE, Weights
from workers.scoring.relevance.calibration import Calibration, calibration_of
from workers.scoring.relevance.encoder_vectors import RELEVANCE
from workers.scoring.relevance.text_vectors import MOST_WINDOWS
from workers.scoring.vectors import unit

STATES = "states"
"""The graph's output for each token: what its layers make of it, shape (rows, tokens, dimensions). The vector is the
direction of their mean."""

NOWHERE = (0, 0)
"""The place of a token that is not in the text."""

KEPT_WINDOWS = 128
"""So many windows of the latest comments keep the states of their tokens, at most 100 KB each, in half precision."""

NOTHING = np.zeros((0, 0), dtype=np.float16)
ENGLISH = "en"
WITH_ENGLISH, BY_LANGUAGE = "with_english", "calibration_by_language"
"""The manifest's languages that were measured beside English, too, and what is calibrated by language."""


@dataclass(frozen=True, slots=True)
class ReadStretch:
    """A stretch of a text as the graph read it: its vector, the states of its tokens, shape (tokens, dimensions), and
    the tokens' places in it."""

    start: int
    end: int
    vector: Floats
    states: NDArray[np.float16]
    places: tuple[Place, ...]


class TopicVectors:
    """A source of vectors for ``Relevance``."""

    def __init__(self, weights: Weights, *, threads: int = 1, batch_tokens: int = BATCH_TOKENS) -> None:
        """Raises ModelUnavailable if a file is missing or not the one in the manifest, or if the manifest says nothing
        of relevance."""
        measured, sha = weights.manifest.get(RELEVANCE), weights.manifest["files"].get(TOPICS_FILE)
        if measured is None or sha is None:
            raise ModelUnavailable(
                f"the manifest of the weights {weights.name} has no {RELEVANCE!r} or no {TOPICS_FILE}"
            )
        self.version = f"{weights.name}@{sha[:8]}"
        self.space = f"{weights.manifest.get('name', weights.name)}-topics@{sha[:8]}"
        self.languages: tuple[str, ...] = tuple(measured["languages"])
        general = measured["calibration"]
        self._calibration = calibration_of(general)
        self._by_language = {
            code: calibration_of({**general, **own}) for code, own in measured.get(BY_LANGUAGE, {}).items()
        }
        self._with_english = frozenset(measured[WITH_ENGLISH])
        self._dimensions = int(measured["dimensions"])
        self._session = TableSession(weights, graph=TOPICS_FILE, threads=threads)
        self._window_tokens = weights.window_tokens - len(self._session.prefix)
        self._batch_tokens = batch_tokens
        self._latest: LRUCache[str, tuple[ReadStretch, ...]] = LRUCache(KEPT_WINDOWS, getsizeof=len)

    def compares(self, language: str, other: str) -> bool:
        if ENGLISH in (language, other):
            return bool({language, other} & self._with_english)
        return language == other and language in self.languages

    def calibration_for(self, languages: Sequence[str]) -> Calibration:
        """The calibration of the first of the languages that has one."""
        return next((self._by_language[code] for code in languages if code in self._by_language), self._calibration)

    def vectors(self, texts: Sequence[str], *, to_explain: bool = False, most: int = MOST_WINDOWS) -> Floats:
        """Unit vectors, shape (texts, dimensions). The vector of a text longer than a window is the direction in which
        its windows lie together, at most ``most``, spread over it."""
        distinct = list(dict.fromkeys(texts))
        summed = np.zeros((len(distinct), self._dimensions), dtype=np.float32)
        cut = [with_long_words_cut(Copy.of(text)).text for text in distinct]
        kept = defaultdict[int, list[ReadStretch]](list)
        for number, window in self._read(cut, with_states=to_explain, most=most):
            summed[number] += window.vector
            kept[number].append(window)
        if to_explain:
            self._latest.update({distinct[number]: tuple(windows) for number, windows in kept.items()})
        vectors = dict(zip(distinct, unit(summed), strict=True))
        return np.asarray([vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), self._dimensions)

    def added(self, reading: Reading, to: Floats) -> Added:
        """How much each token adds to the cosine with a unit vector, shape (tokens, 1), in the window least like it.

        To the first order: without a token that is a small part of the text, the cosine is less by so much.
        """
        folded = reading.folded
        copy, kept = with_long_words_cut(folded), self._latest.get(folded.text)
        windows = kept or [window for _, window in self._read([copy.text], with_states=True, most=MOST_WINDOWS)]
        least = min(windows, key=lambda window: float(window.vector @ to))
        states = least.states.astype(np.float32)
        length = max(float(np.linalg.norm(states.sum(axis=0))), 1e-9)
        amounts = np.asarray(states @ to - float(least.vector @ to) * (states @ least.vector), dtype=np.float32)
        return Window(0, copy, least.start, least.end), Carried(least.places, amounts[:, np.newaxis] / length)

    def _read(self, texts: Sequence[str], *, with_states: bool, most: int) -> Iterator[tuple[int, ReadStretch]]:
        """The number of a text and one of its windows, in any order."""
        if not texts:
            return
        stretches = list(in_windows(texts, self._session.encode, self._window_tokens, most=most))
        ids, prefix = self._session.with_prefix(stretch.encoding for stretch in stretches), self._session.prefix
        for batch in packed([len(own) for own in ids], self._batch_tokens):
            run = self._session.run([ids[i] for i in batch], (VECTOR, STATES) if with_states else (VECTOR,))
            for row, i in enumerate(batch):
                window, offsets = stretches[i], stretches[i].encoding.offsets
                places = (*offsets[:1], *[NOWHERE] * len(prefix), *offsets[1:])
                states = run[STATES][row, : len(ids[i])].astype(np.float16) if with_states else NOTHING
                yield window.number, ReadStretch(window.start, window.end, run[VECTOR][row].copy(), states, places)
