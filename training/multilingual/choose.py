"""Compares the bundled weights and a further sitting's on the rows that the sitting held out.

N-grams fitted without those rows are measured beside them. No validation row is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from moderation.judging.text.letters.folding import fold
from training.measuring.metrics import auc
from training.multilingual.bundled import read_bundled
from training.multilingual.further_rows import held_out
from training.multilingual.measuring.scored import CIVIL_TO, PLAIN_FROM
from training.multilingual.ngrams import fit, languages_with_enough
from training.multilingual.rows import FOLDER, read_learnt
from training.multilingual.second import own_texts
from training.multilingual.train import scores
from training.rows.dataset import TRAIN_FILE, Floats, Rows, join, read_rows
from workers.scoring.engines.weights import TOKENIZER_FILE

HELD = (0.015, 0.02, 0.024, 0.028, 0.035)
"""Shares of a source's civil rows that may be held: what is caught is the mean over them, since rows are few."""

FEWEST_CIVIL = 65


def comparison(data: Path, bundled: Path, further: Path) -> str:
    """Lines for the weights in the folder ``bundled`` and for the file of a sitting that went on from them."""
    others = read_learnt(data / FOLDER / TRAIN_FILE)
    is_held = held_out(others, len(read_rows(data / TRAIN_FILE)))
    rows = others.pick(np.flatnonzero(is_held))
    ngrams = fit(join(others.pick(np.flatnonzero(~is_held)), own_texts(held_out=False)))
    texts = [fold(text).text for text in rows.texts]
    of_ngrams, counting = ngrams.logits(texts)[:, 0], languages_with_enough(others)
    model, tokenizer = read_bundled(bundled).eval(), Tokenizer.from_file(str(bundled / TOKENIZER_FILE))
    lines = list(compared("bundled", scores(model, tokenizer, texts), of_ngrams, rows, counting))
    model.load_state_dict(torch.load(further, weights_only=True))
    lines += compared("further", scores(model, tokenizer, texts), of_ngrams, rows, counting)
    return "".join(lines)


def caught(logits: Floats, rows: Rows) -> float:
    """The share of plainly toxic rows of one language over the edge that its worst source asks for."""
    toxicity, sources = rows.labels[:, 0], np.asarray(rows.sources)
    civil, plain = toxicity <= CIVIL_TO + 1e-6, toxicity >= PLAIN_FROM - 1e-6
    parts = [np.sort(logits[civil & (sources == source)])[::-1] for source in sorted(set(rows.sources))]
    large = [part for part in parts if len(part) >= FEWEST_CIVIL] or [np.sort(logits[civil])[::-1]]
    edges = [max(float(part[int(share * len(part))]) for part in large) for share in HELD]
    return float(np.mean([(logits[plain] > edge).mean() for edge in edges]))


def compared(name: str, logits: Floats, ngrams: Floats, rows: Rows, counting: Collection[str]) -> Iterator[str]:
    """A line for each language: AUC and share caught, without and with n-grams."""
    languages = np.asarray([source.split("/")[0] for source in rows.sources])
    for code in sorted(set(languages)):
        own = np.flatnonzero(languages == code)
        part, truth = rows.pick(own), rows.labels[own, 0] >= 0.5
        for weight in (0.0, 1.0, 1.5) if code in counting else (0.0,):
            both = logits[own] + weight * ngrams[own]
            figures = f"AUC {auc(both, truth):.4f}  caught {100 * caught(both, part):.1f} %"
            yield f"{name}  {code}  {len(own)} rows  n-grams x {weight}  {figures}\n"
