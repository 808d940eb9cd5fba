"""``python -m training.multilingual.parity MODELS FURTHER OUT``: what PyTorch gives for our held-out texts, one a line.

A test compares the bundled int8 graph with these logits, so that no checkpoint has to come with the project.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import torch
from tokenizers import Tokenizer

from training.multilingual.bundled import read_bundled
from training.multilingual.second import own_texts
from training.multilingual.train import MAX_TOKENS, PREFIX, padded
from workers.scoring.engines.weights import TOKENIZER_FILE

PER_LANGUAGE = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("models", "further", "out"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    folder = given.models / "multilingual"
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    model = read_bundled(folder)
    model.load_state_dict(torch.load(given.further, weights_only=True))
    model.eval()
    seen: Counter[str] = Counter()
    held_out = own_texts(held_out=True)
    with given.out.open("w", encoding="utf-8") as lines, torch.no_grad():
        for text, source in zip(held_out.texts, held_out.sources, strict=True):
            seen[source] += 1
            if seen[source] <= PER_LANGUAGE:
                ids = tokenizer.encode(PREFIX + text).ids[:MAX_TOKENS]
                logits = [round(value, 4) for value in model(*padded([ids]))[0].tolist()]
                lines.write(json.dumps({"text": text, "logits": logits}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
