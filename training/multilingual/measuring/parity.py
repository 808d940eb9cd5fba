"""The logits that PyTorch gives for our held-out texts.

A test compares the bundled int8 graph with these logits, so that no checkpoint has to come with the project.
"""

from __future__ import annotations

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


def reference(bundled: Path, further: Path) -> str:
    """JSON lines of texts with their logits, by the file of a sitting that went on from the bundled weights."""
    tokenizer = Tokenizer.from_file(str(bundled / TOKENIZER_FILE))
    model = read_bundled(bundled)
    model.load_state_dict(torch.load(further, weights_only=True))
    model.eval()
    seen, lines = Counter[str](), list[str]()
    held_out = own_texts(held_out=True)
    with torch.no_grad():
        for text, source in zip(held_out.texts, held_out.sources, strict=True):
            seen[source] += 1
            if seen[source] <= PER_LANGUAGE:
                ids = tokenizer.encode(PREFIX + text).ids[:MAX_TOKENS]
                logits = [round(value, 4) for value in model(*padded([ids]))[0].tolist()]
                lines.append(json.dumps({"text": text, "logits": logits}, ensure_ascii=False) + "\n")
    return "".join(lines)
