"""The vectors that an encoder gives beside its toxicity scores, as relevance compares them.

A comment that was just scored has its vector already. Titles, passages and parents are read here, once an article.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from moderation.ground.errors import ModelUnavailable
from moderation.judging.text.letters.emoji_words import with_pictures_named
from moderation.judging.text.long_words import with_long_words_cut
from moderation.judging.text.reading import Reading
from moderation.judging.text.rewritten_text import Copy
from workers.scoring.encoder.attributions import read_directions, towards
from workers.scoring.encoder.carried import Carried
from workers.scoring.encoder.scored import Added
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.encoder.windows import in_windows
from workers.scoring.engines.onnx import Engine, Floats
from workers.scoring.engines.weights import ATTRIBUTIONS_FILE, Weights
from workers.scoring.relevance.calibration import Calibration, calibration_of
from workers.scoring.relevance.text_vectors import MOST_WINDOWS
from workers.scoring.vectors import unit

RELEVANCE = "relevance"
"""The manifest's part with the dimensions of the vectors, and the languages and the calibration of relevance."""


class EncoderVectors:
    """A source of vectors for ``Relevance``: the engine and the weights of a ``Toxicity``."""

    def __init__(self, toxicity: Toxicity, engine: Engine, weights: Weights) -> None:
        """The engine must give vectors. Raises ModelUnavailable if the manifest has no calibration that belongs to
        them."""
        if RELEVANCE not in weights.manifest:
            raise ModelUnavailable(f"the weights {weights.name} give vectors, but their manifest has no {RELEVANCE!r}")
        measured = weights.manifest[RELEVANCE]
        self.version, self.space = weights.version, weights.space
        self.languages: tuple[str, ...] = tuple(measured["languages"])
        self._calibration = calibration_of(measured["calibration"])
        self._dimensions = int(measured["dimensions"])
        self._toxicity, self._engine = toxicity, engine
        files = weights.manifest["files"]
        self._directions = read_directions(weights.verified(ATTRIBUTIONS_FILE)) if ATTRIBUTIONS_FILE in files else None
        self._window_tokens = min(weights.window_tokens, engine.max_tokens)

    def compares(self, language: str, other: str) -> bool:
        return {language, other} <= set(self.languages)

    def calibration_for(self, languages: Sequence[str]) -> Calibration:  # noqa: ARG002
        return self._calibration

    def vectors(self, texts: Sequence[str], *, to_explain: bool = False, most: int = MOST_WINDOWS) -> Floats:  # noqa: ARG002
        """Unit vectors, shape (texts, dimensions). The vector of a text longer than a window is the direction in which
        its windows lie together: all that were scored, else at most ``most``."""
        known = self._toxicity.latest_vectors(texts)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        vectors = {**known, **dict(zip(new, self._read(new, most), strict=True))}
        return np.asarray([vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), self._dimensions)

    def added(self, reading: Reading, to: Floats) -> Added | None:
        """How much each token adds to the cosine with a unit vector, shape (tokens, 1), in the window least like it."""
        if self._directions is None:
            return None
        (scored,) = self._toxicity.scored([reading.text])
        if scored.vectors is None or not scored.whole:
            return None
        near = scored.vectors @ to
        at = min(scored.whole, key=lambda window: float(near[window]))
        attributed = scored.tokens[at].attributed
        if attributed is None:
            return None
        return scored.windows[at], Carried(
            attributed.places, towards(to, attributed.along, self._directions)[:, np.newaxis]
        )

    def _read(self, texts: Sequence[str], most: int) -> Floats:
        summed = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        if not texts:
            return summed
        texts = [self._as_scored(text) for text in texts]
        stretches = list(in_windows(texts, self._engine.encode, self._window_tokens, most=most))
        pieces = [texts[stretch.number][stretch.start : stretch.end] for stretch in stretches]
        read = self._engine.read(pieces, [stretch.encoding for stretch in stretches])
        assert read.vectors is not None
        np.add.at(summed, [stretch.number for stretch in stretches], unit(read.vectors))
        return unit(summed)

    def _as_scored(self, text: str) -> str:
        copy = with_long_words_cut(Copy.of(text))
        return copy.text if self._engine.knows_pictures else with_pictures_named(copy).text
