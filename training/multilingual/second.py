"""Short sittings on the project's own texts in sixteen languages, each going on from the sitting before.

They read a sample of the rows of before as well, so that those are not forgotten. One text in ten is held out.
"""

from __future__ import annotations

import json
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from training.loop.sitting import Settings
from training.multilingual.base import Encoder, Shape
from training.multilingual.rows import MOST_ENGLISH, MOST_PER_SOURCE, read_training
from training.multilingual.train import FINISHED, PIECES_FILE, Classifier, CommentSitting, evaluate
from training.rows.dataset import LABELS, Rows, join
from workers.scoring.engines.weights import TOKENIZER_FILE

TEXTS = Path(__file__).parent / "texts"
WEIGHT = 3.0
HELD_OUT = 10


@dataclass(frozen=True, slots=True)
class Replay:
    """The rows of before that a sitting reads again: ``rows`` of a draw that has at most ``per_source`` of each source,
    and so many English ones; and the sitting's highest learning rate."""

    rows: int = 12_000
    per_source: int = MOST_PER_SOURCE
    english: int = MOST_ENGLISH
    rate: float = 3e-5
    seed: int = 7


SECOND = Replay()
THIRD = Replay(rows=100_000, per_source=20_000, english=10_000, rate=8e-5, seed=23)


def own_texts(*, held_out: bool) -> Rows:
    """Our comments in many languages, without or only those that are held out. ``sources`` holds ``own/language``."""
    rows = [
        (record["text"], float(record["toxicity"]), f"own/{path.stem}")
        for path in sorted(TEXTS.glob("*.jsonl"))
        for record in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        if (zlib.crc32(record["text"].encode()) % HELD_OUT == 0) == held_out
    ]
    labels = np.full((len(rows), len(LABELS)), np.nan, dtype=np.float32)
    labels[:, 0] = [toxicity for _, toxicity, _ in rows]
    texts, sources = tuple(text for text, _, _ in rows), tuple(source for _, _, source in rows)
    return Rows(texts, labels, np.full_like(labels, WEIGHT), sources)


def short_sitting(data: Path, before: Path, out: Path, replay: Replay, minutes: float | None) -> None:
    """Goes on from the folder of the sitting before, with its pieces."""
    for name in (TOKENIZER_FILE, PIECES_FILE):
        shutil.copy(before / name, out / name)
    tokenizer = Tokenizer.from_file(str(out / TOKENIZER_FILE))
    drawn = read_training(data, seed=replay.seed, english=replay.english, per_source=replay.per_source)
    replayed = drawn.pick(np.random.default_rng(replay.seed + 4).permutation(len(drawn))[: replay.rows])
    model = read_sitting(before)
    held = own_texts(held_out=True)
    print("held out, before:", json.dumps(evaluate(held, model.eval(), tokenizer)), flush=True)
    rows = join(own_texts(held_out=False), replayed)
    print(f"{len(rows):,} rows", flush=True)
    settings = Settings(replay.rate, minutes, seed=replay.seed)
    sitting = CommentSitting(rows, model.train(), tokenizer, out, settings)
    sitting.run()
    print("held out, after:", json.dumps(evaluate(held, model.eval(), tokenizer)), flush=True)
    sitting.end()


def read_sitting(folder: Path) -> Classifier:
    """The classifier as a sitting left it."""
    state = torch.load(folder / FINISHED, weights_only=True)
    model = Classifier(_encoder_of(state))
    model.load_state_dict(state)
    return model


def _encoder_of(state: dict[str, torch.Tensor]) -> Encoder:
    pieces, hidden = state["encoder.words.weight"].shape
    inner = state["encoder.layers.0.inner.weight"].shape[0]
    positions = state["encoder.positions.weight"].shape[0]
    layers = 1 + max(int(name.split(".")[2]) for name in state if name.startswith("encoder.layers."))
    return Encoder(Shape(hidden, layers, 12, inner, pieces, positions, 1e-12), layers)
