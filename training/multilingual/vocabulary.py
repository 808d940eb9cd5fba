"""Drops the pieces of the tokenizer that no text of the target languages uses: two thirds of the word table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
BATCH = 4_096


def count_pieces(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """How often each piece occurs in the texts."""
    counts: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == BATCH:
            _count(tokenizer, batch, counts)
            batch = []
    _count(tokenizer, batch, counts)
    return counts


def trim(source: Path, target: Path, counts: Counter[int], *, at_least: int = 2) -> NDArray[np.int64]:
    """Writes the tokenizer with pieces that occur often enough, and all single characters, to ``target``.

    Returns the old numbers of the kept pieces in their new order, shape (pieces,).
    """
    document = json.loads(source.read_text(encoding="utf-8"))
    pieces = document["model"]["vocab"]
    kept = [
        number
        for number, (piece, _score) in enumerate(pieces)
        if piece in SPECIAL or counts[number] >= at_least or len(piece.lstrip("▁")) <= 1
    ]
    new_number = {old: new for new, old in enumerate(kept)}
    document["model"]["vocab"] = [pieces[number] for number in kept]
    document["model"]["unk_id"] = new_number[document["model"]["unk_id"]]
    names = {piece: new_number[number] for number, (piece, _score) in enumerate(pieces) if number in new_number}
    for token in document["added_tokens"]:
        token["id"] = names[token["content"]]
    for special in document["post_processor"].get("special_tokens", {}).values():
        special["ids"] = [names[token] for token in special["tokens"]]
    target.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return np.asarray(kept, dtype=np.int64)


def _count(tokenizer: Tokenizer, batch: list[str], into: Counter[int]) -> None:
    for encoding in tokenizer.encode_batch_fast(batch):
        into.update(encoding.ids)
