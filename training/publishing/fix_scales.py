"""``python -m training.publishing.fix_scales FOLDER``: fixes the scales of activations in finished graphs.

They are measured on our own texts, so that anybody can measure them again. It must be run after any export.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from training.loop.batches import as_scored
from training.multilingual.bundle import TEXTS as OTHER_TEXTS
from training.publishing.bundle import sha256_of
from workers.scoring.engines.onnx import open_tokenizer
from workers.scoring.engines.table_session import TableSession
from workers.scoring.engines.weights import (
    MANIFEST,
    ONNX_FILE,
    TABLE_FILE,
    TOKENIZER_FILE,
    TOPICS_FILE,
    VECTORS_SHA256,
    Weights,
)
from workers.scoring.export.exporting import write_json
from workers.scoring.export.fixed_scales import Feeds, fix_scales

ENGLISH_TEXTS = Path(__file__).parents[1] / "texts"
MOST = 480
"""Texts that are read. The largest values of 50 and of 400 texts differ by a tenth at most."""


def main(arguments: list[str] | None = None) -> None:
    """Command line: rewrite the graphs of one folder, and their sha256 in the manifest."""
    parser = argparse.ArgumentParser(prog="python -m training.publishing.fix_scales", description=__doc__)
    parser.add_argument("folder", type=Path)
    fix(parser.parse_args(arguments).folder)


def fix(folder: Path) -> None:
    """Rewrites the graphs of a folder of weights, for English or over a word table."""
    weights = Weights.read(folder.name, folder)
    files = dict(weights.manifest["files"])
    named = {} if "weights_sha256" in weights.manifest else {VECTORS_SHA256: files[ONNX_FILE]}
    for name in (ONNX_FILE, TOPICS_FILE):
        if name in files:
            fix_scales(folder / name, list(feeds(weights, name)), margin=1.0)
            files[name] = sha256_of(folder / name)
    write_json(folder / MANIFEST, {**named, **weights.manifest, "files": files})


def feeds(weights: Weights, graph: str) -> Feeds:
    """Each text alone, as the workers give it to the graph."""
    if TABLE_FILE in weights.manifest["files"]:
        session = TableSession(weights, graph=graph)
        encodings = session.encode(sample(OTHER_TEXTS))
        return (session.feed([ids[: weights.window_tokens]]) for ids in session.with_prefix(encodings))
    tokenizer = open_tokenizer(weights.verified(TOKENIZER_FILE), weights.manifest["files"][TOKENIZER_FILE])
    return (_feed(encoding, weights.window_tokens) for encoding in tokenizer.encode_batch(list(sample(ENGLISH_TEXTS))))


def _feed(encoding: Encoding, most: int) -> Mapping[str, NDArray[np.int64]]:
    ids = np.asarray([encoding.ids[:most]], dtype=np.int64)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def sample(folder: Path, seed: int = 3) -> tuple[str, ...]:
    """As many texts of each file as the others have, in the form in which the workers score them."""
    files = sorted(folder.glob("*.jsonl"))
    random = np.random.default_rng(seed)
    return as_scored(tuple(text for path in files for text in _drawn(path, MOST // len(files), random)))


def _drawn(path: Path, count: int, random: np.random.Generator) -> Iterator[str]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    for place in random.permutation(len(lines))[:count]:
        yield json.loads(lines[place])["text"]


if __name__ == "__main__":
    main()
