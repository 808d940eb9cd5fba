"""A tiny multilingual base in the form of its four-bit file, and labelled data, with which every step can be run."""

from __future__ import annotations

import csv
import gzip
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.rows.dataset import LABELS
from workers.scoring.engines.word_table import BLOCK

HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 96, 12, 12, 64, 160
SUBJECTS = ("trams", "bread", "snow", "courts", "pianos", "cattle", "budgets", "ferries", "schools", "bees")


def write_base(path: Path, pieces: int) -> Path:
    """Random weights for so many pieces."""
    random = np.random.default_rng(3)
    tensors: dict[str, tuple[int, bytes]] = {}

    def floats(name: str, value: NDArray[np.float64]) -> None:
        tensors[name] = (value.size, value.astype("<f4").tobytes())

    def matrix(name: str, rows: int, columns: int) -> None:
        tensors[name] = (rows * columns, four_bits(random.standard_normal((rows, columns), dtype=np.float32) * 0.15))

    def norm(name: str) -> None:
        floats(f"{name}.w", np.ones(HIDDEN))
        floats(f"{name}.b", np.zeros(HIDDEN))

    matrix("emb.word", pieces, HIDDEN)
    floats("emb.type", np.zeros((2, HIDDEN)))
    floats("emb.pos", random.normal(0, 0.02, (POSITIONS, HIDDEN)))
    norm("emb.ln")
    for layer in range(LAYERS):
        for part, rows, columns in (
            *((name, HIDDEN, HIDDEN) for name in ("q", "k", "v", "ao")),
            ("fi", INNER, HIDDEN),
            ("fo", HIDDEN, INNER),
        ):
            matrix(f"l{layer}.{part}.w", rows, columns)
            floats(f"l{layer}.{part}.b", np.zeros(rows))
        norm(f"l{layer}.aln")
        norm(f"l{layer}.oln")
    path.write_bytes(_file(tensors, pieces))
    return path


def four_bits(weights: NDArray[np.float32]) -> bytes:
    """Blocks as ``workers.scoring.engines.word_table`` describes them."""
    blocks = weights.reshape(-1, BLOCK)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 7).astype("<f2")
    halves = np.clip(np.round(blocks / scales.astype(np.float32)) + 8, 0, 15).astype(np.uint8)
    packed = halves[:, : BLOCK // 2] | halves[:, BLOCK // 2 :] << 4
    return np.concatenate([scales.view(np.uint8), packed], axis=1).tobytes()


def _file(tensors: Mapping[str, tuple[int, bytes]], pieces: int) -> bytes:
    head = struct.pack("<7if", HIDDEN, LAYERS, HEADS, INNER, pieces, POSITIONS, 2, 1e-12)
    head = bytes(8) + head + bytes(4) + struct.pack("<5iQ", 0, 0, 0, 0, 0, 0) + bytes(4)  # no pieces of its own
    head += struct.pack("<iIi", 0, 0, len(tensors))
    at = len(head) + sum(2 + len(name) + 1 + 20 for name in tensors)
    directory = b""
    for name, (numbers, content) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode() + bytes(1)
        directory += struct.pack("<IQQ", numbers, at, len(content))
        at += len(content)
    return head + directory + b"".join(content for _, content in tensors.values())


def write_data(folder: Path) -> Path:
    """All files that the command reads: German and Polish rows that a few words tell apart, English ones, headlines."""
    english = ["text", *LABELS, "source", "licence"]
    for name, count in (("toxicity_train", 60), ("toxicity_valid", 30)):
        _write(folder / f"{name}.csv.gz", english, [[t, *[v] * len(LABELS), "en", "-"] for t, v in _rows("en", count)])
    for name, count in (("toxicity_train", 120), ("toxicity_valid", 80), ("toxicity_evaluation_only", 40)):
        rows = [[code, "source", text, toxic] for code in ("de", "pl") for text, toxic in _rows(code, count, name)]
        _write(folder / "multilingual" / f"{name}.csv.gz", ["language", "source", "text", "toxicity"], rows)
    labelled = ["text", "toxicity", "insult", "identity_attack", "threat", "obscene", "language", "source"]
    found = [[text, toxic, toxic, "", "", "", "pt", "source"] for text, toxic in _rows("de", 20, "found")]
    _write(folder / "found" / "multilingual_train.csv.gz", labelled, found)
    korean = [["train", f"기사 {i}", f"댓글 {i} 번"] for i in range(60)]
    path = folder / "multilingual" / "relevance_title_comment_train_ko.csv.gz"
    _write(path, ["split", "article_title", "comment"], korean)
    arguments = [
        [
            f"More {one}",
            f"With {i} more {one}, {i} people would {i} times a year be {i} minutes early",
            "train" if place < 6 else "test",
            "1",
        ]
        for place, one in enumerate(SUBJECTS)
        for i in range(20, 30)
    ]
    _write(folder / "relevance_topic_arguments.csv.gz", ["topic", "argument", "set", "stance"], arguments)
    return folder


def _rows(language: str, count: int, salt: str = "") -> list[tuple[str, float]]:
    words = {"en": ("idiot", "thanks"), "de": ("du dummer Idiot", "danke schön"), "pl": ("ty głupi debilu", "dziękuję")}
    toxic, civil = words[language]
    return [(f"{(civil, toxic)[i % 2]} {SUBJECTS[i % 7]} {salt} {i}", float(i % 2)) for i in range(count)]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(columns)
        writer.writerows(rows)
