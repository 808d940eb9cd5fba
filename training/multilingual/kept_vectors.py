"""Vectors of texts that need minutes to be read: kept on the disk, and read once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from training.dataset import Floats


class KeptVectors:
    """A function of texts, shape (texts, dimensions), whose results stay in a folder."""

    def __init__(self, folder: Path, vectors_of: Callable[[Sequence[str]], Floats]) -> None:
        self._texts, self._rows = folder / "texts.json", folder / "vectors.npy"
        self._vectors_of = vectors_of
        known: list[str] = json.loads(self._texts.read_text(encoding="utf-8")) if self._texts.exists() else []
        self._places = {text: place for place, text in enumerate(known)}
        self._kept: Floats | None = np.load(self._rows) if known else None

    def __call__(self, texts: Sequence[str]) -> Floats:
        new = [text for text in dict.fromkeys(texts) if text not in self._places]
        if new:
            self._add(new)
        assert self._kept is not None
        return np.asarray(self._kept[[self._places[text] for text in texts]])

    def _add(self, new: Sequence[str]) -> None:
        read = self._vectors_of(new)
        self._kept = read if self._kept is None else np.concatenate([self._kept, read])
        self._places |= {text: place for place, text in enumerate(new, start=len(self._places))}
        self._rows.parent.mkdir(parents=True, exist_ok=True)
        np.save(self._rows, self._kept)
        self._texts.write_text(json.dumps(list(self._places), ensure_ascii=False), encoding="utf-8")
