"""``python -m training.multilingual.second DATA FIRST OUT``: a short second sitting on the project's own texts.

It goes on from the last checkpoint of ``train`` in FIRST, with the comments of ``texts/`` in sixteen languages and a
sample of the rows of before, so that those are not forgotten. One text in ten is held out.
"""

from __future__ import annotations

import argparse
import json
import shutil
import zlib
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from training.dataset import LABELS, Rows, join
from training.multilingual.base import Encoder, Shape
from training.multilingual.rows import MOST_ENGLISH, MOST_PER_SOURCE, read_training
from training.multilingual.train import Classifier, evaluate, train

TEXTS = Path(__file__).parent / "texts"
WEIGHT = 3.0
REPLAYED = 12_000
LEARNING_RATE = 3e-5
HELD_OUT = 10


def own_texts(*, held_out: bool) -> Rows:
    """Our comments in many languages, without or only those that are held out. ``sources`` holds ``own/language``."""
    found = [
        (record["text"], float(record["toxicity"]), f"own/{path.stem}")
        for path in sorted(TEXTS.glob("*.jsonl"))
        for record in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        if (zlib.crc32(record["text"].encode()) % HELD_OUT == 0) == held_out
    ]
    labels = np.full((len(found), len(LABELS)), np.nan, dtype=np.float32)
    labels[:, 0] = [toxicity for _, toxicity, _ in found]
    texts, sources = tuple(text for text, _, _ in found), tuple(source for _, _, source in found)
    return Rows(texts, labels, np.full_like(labels, WEIGHT), sources)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "first", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--replayed", type=int, default=REPLAYED, help="so many rows of the first sitting, at random")
    parser.add_argument("--per-source", type=int, default=MOST_PER_SOURCE, help="at most so many rows of a source")
    parser.add_argument("--english", type=int, default=MOST_ENGLISH, help="so many English rows")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="the highest learning rate")
    parser.add_argument("--seed", type=int, default=7, help="of the rows that are drawn")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "pieces.npy"):
        shutil.copy(given.first / name, given.out / name)
    tokenizer = Tokenizer.from_file(str(given.out / "tokenizer.json"))
    before = read_training(given.data, seed=given.seed, english=given.english, per_source=given.per_source)
    replayed = before.pick(np.random.default_rng(given.seed + 4).permutation(len(before))[: given.replayed])
    state = torch.load(given.first / "checkpoint.pt", weights_only=True)["model"]
    model = Classifier(_encoder_of(state))
    model.load_state_dict(state)
    held = own_texts(held_out=True)
    print("held out, before:", json.dumps(evaluate(held, model.eval(), tokenizer)), flush=True)
    rows = join(own_texts(held_out=False), replayed)
    print(f"{len(rows):,} rows", flush=True)
    train(rows, model.train(), tokenizer, given.out, rate=given.rate, seed=given.seed)
    print("held out, after:", json.dumps(evaluate(held, model.eval(), tokenizer)), flush=True)


def _encoder_of(state: dict[str, torch.Tensor]) -> Encoder:
    pieces, hidden = state["encoder.words.weight"].shape
    inner = state["encoder.layers.0.inner.weight"].shape[0]
    positions = state["encoder.positions.weight"].shape[0]
    layers = 1 + max(int(name.split(".")[2]) for name in state if name.startswith("encoder.layers."))
    return Encoder(Shape(hidden, layers, 12, inner, pieces, positions, 1e-12), layers)


if __name__ == "__main__":
    main()
