"""An engine whose scores are sums of what words add, so that tests know how much each of them carries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tokenizers import Encoding, Tokenizer, models, normalizers, pre_tokenizers

from workers.scoring.engines.onnx import CARRIED, LOGITS, EngineReading, Floats, sigmoid

AMOUNTS = {"fool": 4.0, "stupid": 2.0, "liar": 3.0, "women": 2.5, "the": 1.5, "rather": 0.1, "kind": -3.0}
"""The amount that each word adds to the log-odds of an insult; to those of a threat it adds nothing."""


class AddingEngine:
    """Adds up the amounts of a text's words, and gives them by token. Words are cut into pieces of one letter."""

    labels: tuple[str, ...] = ("toxicity", "insult", "threat")
    max_tokens = 100
    knows_pictures = True
    outputs = frozenset({LOGITS, CARRIED})

    def __init__(self) -> None:
        self.read_texts: list[str] = []
        self._tokenizer = Tokenizer(models.WordLevel({"?": 0}, "?"))
        self._tokenizer.normalizer = normalizers.Lowercase()
        self._tokenizer.pre_tokenizer = pre_tokenizers.Split(r"", "isolated")

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return list(self._tokenizer.encode_batch(list(texts)))

    def read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:
        self.read_texts += texts
        carried = tuple(self._carried(text, encoding) for text, encoding in zip(texts, encodings, strict=True))
        logits = np.asarray([own.sum(axis=0) - 1 for own in carried], dtype=np.float32).reshape(-1, len(self.labels))
        return EngineReading(sigmoid(logits), carried=carried)

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        return self.read(texts, encodings).probabilities

    def _carried(self, text: str, encoding: Encoding) -> Floats:
        found = np.zeros((len(encoding.ids), 3), dtype=np.float32)
        for word, amount in AMOUNTS.items():
            at = text.lower().find(word)
            pieces = [i for i, (a, b) in enumerate(encoding.offsets) if at >= 0 and at <= a < b <= at + len(word)]
            found[pieces, :2] = amount / max(1, len(pieces))
        return found
