"""Writes the trained encoder as the workers run it: the layers as an int8 graph, the word table in four bits."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.multilingual.base import BaseFile
from training.multilingual.bundled import bundled_centre, read_bundled
from training.multilingual.second import read_sitting
from training.multilingual.train import (
    MAX_TOKENS,
    PIECES_FILE,
    PREFIX,
    Classifier,
    batches_in_order,
    padded,
    token_ids,
)
from training.publishing.bundle import sha256_of
from training.rows.dataset import LABELS
from workers.scoring.engines.table_engine import OUTPUTS
from workers.scoring.engines.weights import MANIFEST, NGRAMS_FILE, ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, TOPICS_FILE
from workers.scoring.export.graph import quantise
from workers.scoring.relevance.topic_vectors import STATES

SENSITIVE = "layers.0/outer/MatMul"
"""Stays in float, because its inputs have outliers that one scale of eight bits cannot hold. It is not split as
``workers.scoring.export.outliers`` splits it, since ``training.multilingual.bundled`` reads this graph back."""

TEXTS = Path(__file__).parent / "texts"
CENTRED_ON = 64  # texts of each language, so that each counts the same


def bundle(base: Path, trained: Path, folder: Path) -> dict[str, Any]:
    """Fills the folder from the base's file and the folder of a sitting, all but n-grams and manifest.

    Returns what the manifest says of the encoder.
    """
    pieces: NDArray[np.int64] = np.load(trained / PIECES_FILE)
    file = BaseFile(base)
    shape = file.shape
    packed = file.packed("emb.word", shape.pieces, shape.hidden)[pieces]
    (folder / TABLE_FILE).write_bytes(packed.tobytes())
    shutil.copyfile(trained / TOKENIZER_FILE, folder / TOKENIZER_FILE)
    model, tokenizer = read_sitting(trained).eval(), Tokenizer.from_file(str(trained / TOKENIZER_FILE))
    write_graph(model, folder / ONNX_FILE, centre_of(model, tokenizer))
    return _shape(tokenizer, shape.hidden)


def bundle_further(further: Path, folder: Path) -> dict[str, Any]:
    """Writes the graph of a further sitting over the one that it went on from. The centre of the vectors is kept.

    Returns what the manifest says of the encoder.
    """
    model = read_bundled(folder)
    model.load_state_dict(torch.load(further, weights_only=True))
    write_graph(model.eval(), folder / ONNX_FILE, bundled_centre(folder))
    return _shape(Tokenizer.from_file(str(folder / TOKENIZER_FILE)), model.encoder.shape.hidden)


def _shape(tokenizer: Tokenizer, hidden: int) -> dict[str, Any]:
    return {
        "labels": list(LABELS),
        "hidden": hidden,
        "max_tokens": MAX_TOKENS,
        "pad_id": tokenizer.token_to_id("<pad>"),
        "prefix": tokenizer.encode(PREFIX, add_special_tokens=False).ids[:-1],
    }


class _OfWords(nn.Module):
    """The classifier as a function of rows of the word table and the mask, with the vector of each row: the mean after
    half of the layers, less ``centre``."""

    centre: Tensor

    def __init__(self, model: Classifier, centre: Tensor) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("centre", centre)

    def forward(self, words: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        halfway, pooled = self.model.encoder.halfway_and_after(words, attention_mask.bool())
        return self.model.head(pooled), halfway - self.centre


def centre_of(model: Classifier, tokenizer: Tokenizer) -> Tensor:
    """The mean of the vectors of texts in each language. Without it all vectors point nearly the same way."""
    files = [path.read_text(encoding="utf-8").splitlines()[:CENTRED_ON] for path in sorted(TEXTS.glob("*.jsonl"))]
    texts = [json.loads(line)["text"] for lines in files for line in lines]
    ids = token_ids(tokenizer, texts)
    with torch.no_grad():
        encoder = model.encoder
        halves = [
            encoder.halfway_and_after(encoder.words(rows), mask)[0]
            for batch in batches_in_order(ids)
            for rows, mask in [padded([ids[i] for i in batch])]
        ]
    return torch.cat(halves).mean(0)


def write_graph(model: Classifier, path: Path, centre: Tensor) -> None:
    """The file appears complete, at the end."""
    export_of_words(_OfWords(model, centre).eval(), model.encoder.shape.hidden, OUTPUTS, path, _sensitive)


def export_of_words(
    module: nn.Module, hidden: int, outputs: Sequence[str], path: Path, in_float: Callable[[Path], list[str]]
) -> None:
    """Writes a module that reads rows of the word table, shape (rows, tokens, hidden), and their mask as an int8 graph.

    Outputs of the name ``STATES`` have one line for each token, others for each row. ``in_float`` is that of
    ``quantise``. The file appears complete, at the end.
    """
    rows, tokens = {0: "rows"}, {0: "rows", 1: "tokens"}
    example = (torch.zeros(2, 8, hidden), torch.ones(2, 8, dtype=torch.int64))
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".graph-") as work:
        whole, small = Path(work) / "float.onnx", Path(work) / path.name
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module,
                example,
                str(whole),
                input_names=["words", "attention_mask"],
                output_names=list(outputs),
                dynamic_axes={
                    **dict.fromkeys(("words", "attention_mask", STATES), tokens),
                    **{name: rows for name in outputs if name != STATES},
                },
                dynamo=False,
            )
        quantise(whole, small, in_float)
        os.replace(small, path)


def _sensitive(graph: Path) -> list[str]:
    return [node.name for node in onnx.load(graph).graph.node if SENSITIVE in node.name]


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Writes the facts with the sha256 of the files."""
    names = (ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, NGRAMS_FILE, TOPICS_FILE)
    files = {name: sha256_of(folder / name) for name in names if (folder / name).exists()}
    text = json.dumps({**facts, "files": files}, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
