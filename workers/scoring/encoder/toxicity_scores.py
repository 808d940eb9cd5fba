"""Scores how toxic comments are: the whole text, in windows of sentences, without disguises, calibrated.

Nothing is cut off silently: of a text that costs more than a comment may, a sample is read, and it says so. No text is
too short. A comment in a language that the weights do not know is not scored at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tokenizers import Encoding

from workers.scoring.encoder.scored import ScoredWindows, Tokens, highest
from workers.scoring.encoder.windowing import NO_READINGS, NO_ROOMS, Readings, Rooms, Windowing
from workers.scoring.encoder.worst_sentence import Place
from workers.scoring.engines.onnx import CARRIED, VECTOR, Engine, EngineReading, Floats, logit, sigmoid
from workers.scoring.engines.weights import AMOUNTS, ENGLISH, NGRAMS_FILE, OF_ENCODER, TOXICITY_SIGNALS, Weights
from workers.scoring.ngrams.batch_grams import BatchGrams
from workers.scoring.ngrams.model import NGrams, features_of, read_ngrams
from workers.scoring.vectors import unit

Scaling = tuple[Floats, Floats]
"""The factor of the logits and the addend: shape (signals,) each."""


class Toxicity:
    """An engine, the calibration of its weights, and their model of n-grams if they have one.

    Values are probabilities, one per signal of the weights.
    """

    def __init__(self, engine: Engine, weights: Weights, grams: BatchGrams | None = None) -> None:
        """``grams`` keeps the n-grams of each batch, for another model."""
        self._engine = engine
        self.version = weights.version
        self.languages = weights.languages
        self.standings = weights.standings
        self.space = weights.space if VECTOR in engine.outputs else None
        self.gives_amounts = CARRIED in engine.outputs
        self.signals = tuple(label for label in engine.labels if label in TOXICITY_SIGNALS)
        columns = [engine.labels.index(label) for label in self.signals]
        self._columns = slice(None) if len(columns) == len(engine.labels) else columns
        self._scale, self._shift = self._scaling(weights)
        self._by_language = {code: self._scaling(weights, code) for code in self.languages}
        self._ngrams, self._grams = _ngrams_of(weights), grams
        self._ngram_languages = frozenset(weights.manifest.get("ngrams_languages", self.languages))
        self.ngrams_apart = self._ngrams is not None and weights.manifest.get(AMOUNTS) == OF_ENCODER
        self._ngram_columns = [self.signals.index(label) for label in self._ngrams.labels] if self._ngrams else []
        self.windowing = Windowing(
            engine,
            self._ngrams,
            tokens=min(weights.window_tokens, engine.max_tokens),
            guesses=ENGLISH[0] in self.languages,
        )
        self._latest: dict[str, ScoredWindows] = {}

    def score(self, texts: Sequence[str], readings: Readings = NO_READINGS) -> Floats:
        """Shape (texts, signals): for each signal the highest value of any window in any reading.

        Raises TooCostly before any text is scored.
        """
        self.read(texts, readings)
        if not texts:
            return np.zeros((0, len(self.signals)), dtype=np.float32)
        return np.stack([highest(self._latest[text].rows) for text in texts])

    def read(self, texts: Sequence[str], readings: Readings = NO_READINGS, rooms: Rooms = NO_ROOMS) -> None:
        """As ``score``, for callers that then ask how the texts count in their languages."""
        known = {text: self._latest[text] for text in texts if text in self._latest}
        new = [text for text in texts if text not in known]
        if new:  # else some of the last call's texts are asked about again, and others may be next
            self._latest = known | self._by_text(new, readings, rooms)

    def all_in_languages(self, asked: Sequence[tuple[str, Sequence[str]]]) -> Floats:
        """The values of texts that were read last, shape (texts, signals), as they count in that of their languages in
        which they are highest."""
        rows = [highest(self.rows_in(self._latest[text], [code])) for text, languages in asked for code in languages]
        return self._scaled(rows, [languages for _, languages in asked])

    def logits_in(self, text: str, language: str) -> Floats:
        """The values of one text before the language's own calibration. N-grams count only where there were rows to
        learn them on."""
        return logit(highest(self.rows_in(self._latest[text], [language])))

    def rows_in(self, scored: ScoredWindows, languages: Sequence[str]) -> Floats:
        """The probabilities of its windows, shape (windows, signals), with n-grams if they count in one of these."""
        return scored.rows if scored.bare is None or self._has_ngrams(languages) else scored.bare

    def scored(self, texts: Sequence[str]) -> list[ScoredWindows]:
        """The windows behind the scores. The texts of the last call of ``score`` are not scored again."""
        new = [text for text in texts if text not in self._latest]
        known = self._latest | self._by_text(new) if new else self._latest
        return [known[text] for text in texts]

    def is_sample(self, text: str) -> bool:
        """Whether a text that was read last was too long to be read whole."""
        return self._latest[text].is_sample

    def vectors(self, texts: Sequence[str]) -> list[Floats | None]:
        """The unit vector of each text: the direction in which its windows lie together. None without an engine that
        gives vectors. The texts of the last call of ``score`` are not read again."""
        if self.space is None:
            return [None] * len(texts)
        return [scored.direction for scored in self.scored(texts)]

    def latest_vectors(self, texts: Sequence[str]) -> dict[str, Floats]:
        """The unit vectors of those texts that the last call of ``score`` read, by text."""
        known = [text for text in dict.fromkeys(texts) if text in self._latest]
        pairs = zip(known, self.vectors(known), strict=True)
        return {text: vector for text, vector in pairs if vector is not None}

    def _by_text(
        self, texts: Sequence[str], readings: Readings = NO_READINGS, rooms: Rooms = NO_ROOMS
    ) -> dict[str, ScoredWindows]:
        texts = list(dict.fromkeys(texts))
        if not texts:
            return {}
        windows, encodings = self.windowing.of(texts, readings, rooms)
        pieces = [window.text for window in windows]
        read = self._engine.read(pieces, encodings)
        logits = self._calibrated(read)
        logits -= np.asarray([[w.discount] for w in windows], dtype=np.float32)
        rows, bare = self._with_ngrams(pieces, logits)
        tokens = self._tokens(read, encodings)
        of_windows = ScoredWindows(
            tuple(windows),
            rows,
            tokens,
            read.vectors,
            None if read.vectors is None else unit(read.vectors),
            bare,
        )
        own: list[list[int]] = [[] for _ in texts]
        for place, window in enumerate(windows):
            own[window.comment].append(place)
        return {text: of_windows.at(places) for text, places in zip(texts, own, strict=True)}

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Shape (texts, signals), calibrated. Each text must fit into a window."""
        read = self._engine.read(texts, self._engine.encode(texts))
        return self._with_ngrams(texts, self._calibrated(read))[0]

    def odds(self, texts: Sequence[str]) -> Floats:
        """The log-odds that the amounts of tokens are parts of, shape (texts, signals). As for ``probabilities``."""
        if not self.ngrams_apart:
            return logit(self.probabilities(texts))
        return self._calibrated(self._engine.read(texts, self._engine.encode(texts)))

    def ngrams_added(self, text: str, places: Sequence[Place], languages: Sequence[str]) -> Floats:
        """How much the n-grams of each stretch add to the log-odds beside the amounts of its tokens: shape (places,
        signals). Nothing where those amounts have the n-grams, too, or where n-grams do not count."""
        amounts = np.zeros((len(places), len(self.signals)), dtype=np.float32)
        if self._ngrams is not None and self.ngrams_apart and self._has_ngrams(languages):
            amounts[:, self._ngram_columns] = self._ngrams.added_by(text, places)
        return amounts

    def _scaling(self, weights: Weights, language: str | None = None) -> Scaling:
        fitted = [weights.calibration(label, language) for label in self.signals]
        return np.asarray([c.scale for c in fitted], np.float32), np.asarray([c.shift for c in fitted], np.float32)

    def _has_ngrams(self, languages: Sequence[str]) -> bool:
        return not self._ngram_languages.isdisjoint(languages)

    def _calibrated(self, read: EngineReading) -> Floats:
        """Logits of the encoder, shape (texts, signals)."""
        raw = read.probabilities[:, self._columns]
        return np.asarray(self._scale * logit(raw) + self._shift, dtype=np.float32)

    def _tokens(self, read: EngineReading, encodings: Sequence[Encoding]) -> tuple[Tokens, ...]:
        nothing = [None] * len(encodings)
        added = nothing if read.carried is None else [own[:, self._columns] for own in read.carried]
        return tuple(map(Tokens, encodings, added, read.attributions or nothing))

    def _scaled(self, probabilities: Sequence[Floats], languages: Sequence[Sequence[str]]) -> Floats:
        """The highest calibrated probabilities of each text in any of its languages, shape (texts, signals), from the
        probabilities in each of them."""
        if not languages:
            return np.zeros((0, len(self.signals)), dtype=np.float32)
        scale, shift = zip(*(self._by_language[code] for codes in languages for code in codes), strict=True)
        logits = np.stack(scale) * logit(np.stack(probabilities)) + np.stack(shift)
        first = np.cumsum([0, *map(len, languages[:-1])])
        return sigmoid(np.maximum.reduceat(logits, first, axis=0))

    def _with_ngrams(self, texts: Sequence[str], logits: Floats) -> tuple[Floats, Floats | None]:
        """Probabilities with n-grams, and those without if there are languages in which n-grams do not count."""
        if self._ngrams is None:
            return sigmoid(logits), None
        hashed = features_of
        if self._grams is not None:
            self._grams.begin()
            hashed = self._grams.keep
        bare = None if self._ngram_languages >= set(self.languages) else sigmoid(logits)
        logits[:, self._ngram_columns] += self._ngrams.logits(texts, hashed)
        return sigmoid(logits), bare


def _ngrams_of(weights: Weights) -> NGrams | None:
    return read_ngrams(weights.verified(NGRAMS_FILE)) if NGRAMS_FILE in weights.manifest["files"] else None
