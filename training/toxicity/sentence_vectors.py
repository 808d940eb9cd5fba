"""Reads texts with the sentence encoder from which the toxicity encoder learns its vectors."""

from collections.abc import Sequence

import numpy as np
from tokenizers import Encoding

from workers.scoring.encoder.passages import runs
from workers.scoring.encoder.windows import SPARE_TOKENS, cut_by_sentences
from workers.scoring.engines.onnx import BATCH_TOKENS, Floats, OnnxSession, packed
from workers.scoring.engines.weights import Weights
from workers.scoring.vectors import unit


class SentenceEncoder:
    """The export of the teacher: its graph gives one vector a text."""

    def __init__(self, weights: Weights, *, threads: int = 1) -> None:
        """Raises ModelUnavailable if a file is missing or not the one in the manifest."""
        self._session = OnnxSession(weights, threads=threads)
        self._max_tokens = weights.window_tokens
        self._dimensions = int(weights.manifest["dimensions"])

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, shape (texts, dimensions). The vector of a text longer than the model reads is the mean of its
        parts."""
        if not texts:
            return np.zeros((0, self._dimensions), dtype=np.float32)
        pieces, owners = list[str](), list[int]()
        for i, text in enumerate(texts):
            for piece in self._pieces(text):
                pieces.append(piece)
                owners.append(i)
        pieces, owners, encodings = self._within_limit(pieces, owners)
        rows: list[Floats] = [np.empty(0, dtype=np.float32)] * len(pieces)
        for batch in packed([len(e.ids) for e in encodings], BATCH_TOKENS):
            for i, row in zip(batch, self._session.run([encodings[i] for i in batch]), strict=True):
                rows[i] = row
        summed = np.zeros((len(texts), len(rows[0])), dtype=np.float32)
        np.add.at(summed, owners, np.asarray(rows))
        return unit(summed)

    def _within_limit(self, pieces: list[str], owners: list[int]) -> tuple[list[str], list[int], list[Encoding]]:
        """Cuts pieces that are still too long: scripts such as Chinese have a token per character."""
        encodings = self._session.encode(pieces)
        if all(len(e.ids) <= self._max_tokens for e in encodings):
            return pieces, owners, encodings
        cut, cut_owners = list[str](), list[int]()
        for piece, owner, encoding in zip(pieces, owners, encodings, strict=True):
            fits = len(encoding.ids) <= self._max_tokens
            room = self._max_tokens - SPARE_TOKENS
            stretches = [(0, len(piece))] if fits else list(cut_by_sentences(piece, encoding, room))
            cut += [piece[start:end] for start, end in stretches]
            cut_owners += [owner] * len(stretches)
        return cut, cut_owners, self._session.encode(cut)

    def _pieces(self, text: str) -> list[str]:
        """Runs of sentences, short enough for the model in any language with Latin letters."""
        if len(text) <= 2 * self._max_tokens:
            return [text]
        return [text[start:end] for start, end in runs(text, 2 * self._max_tokens)]
