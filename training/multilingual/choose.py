"""``python -m training.multilingual.choose DATA MODELS OUT``: the bundled weights, a further sitting's, and their mean.

It measures each on the rows that the sitting held out, beside n-grams fitted without them, and writes the mean into
OUT. No validation row is read.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from moderation.text.letters.folding import fold
from training.dataset import TRAIN_FILE, Floats, Rows, join, read_rows
from training.metrics import auc
from training.multilingual.bundled import read_bundled
from training.multilingual.further import FINISHED
from training.multilingual.further_rows import held_out
from training.multilingual.ngrams import fit, languages_with_enough
from training.multilingual.rows import FOLDER, read_other_languages
from training.multilingual.scored import CIVIL_TO, PLAIN_FROM
from training.multilingual.second import own_texts
from training.multilingual.train import Classifier, scores
from workers.scoring.engines.weights import TOKENIZER_FILE

MEAN = "mean.pt"
HELD = (0.015, 0.02, 0.024, 0.028, 0.035)
"""Shares of a source's civil rows that may be held: what is caught is the mean over them, since rows are few."""

FEWEST_CIVIL = 65
State = Mapping[str, torch.Tensor]


def mean_of(states: list[State]) -> dict[str, torch.Tensor]:
    return {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}


def caught(logits: Floats, rows: Rows) -> float:
    """The share of plainly toxic rows of one language over the edge that its worst source asks for."""
    toxicity, sources = rows.labels[:, 0], np.asarray(rows.sources)
    civil, plain = toxicity <= CIVIL_TO + 1e-6, toxicity >= PLAIN_FROM - 1e-6
    parts = [np.sort(logits[civil & (sources == source)])[::-1] for source in sorted(set(rows.sources))]
    large = [part for part in parts if len(part) >= FEWEST_CIVIL] or [np.sort(logits[civil])[::-1]]
    edges = [max(float(part[int(share * len(part))]) for part in large) for share in HELD]
    return float(np.mean([(logits[plain] > edge).mean() for edge in edges]))


def compare(name: str, logits: Floats, ngrams: Floats, rows: Rows, counting: Collection[str]) -> None:
    """Prints a line for each language: AUC and share caught, without and with n-grams."""
    languages = np.asarray([source.split("/")[0] for source in rows.sources])
    for code in sorted(set(languages)):
        own = np.flatnonzero(languages == code)
        part, truth = rows.pick(own), rows.labels[own, 0] >= 0.5
        for weight in (0.0, 1.0, 1.5) if code in counting else (0.0,):
            both = logits[own] + weight * ngrams[own]
            found = f"AUC {auc(both, truth):.4f}  caught {100 * caught(both, part):.1f} %"
            print(f"{name}  {code}  {len(own)} rows  n-grams x {weight}  {found}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "models", "out"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    folder = given.models / "multilingual"
    others = read_other_languages(given.data / FOLDER / TRAIN_FILE)
    is_held = held_out(others, len(read_rows(given.data / TRAIN_FILE)))
    rows = others.pick(np.flatnonzero(is_held))
    ngrams = fit(join(others.pick(np.flatnonzero(~is_held)), own_texts(held_out=False)))
    texts = [fold(text).text for text in rows.texts]
    of_ngrams = ngrams.logits(texts)[:, 0]
    model: Classifier = read_bundled(folder)
    bundled: State = {name: value.clone() for name, value in model.state_dict().items()}
    further: State = torch.load(given.out / FINISHED, weights_only=True)
    mean = mean_of([bundled, further])
    torch.save(mean, given.out / MEAN)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    for name, state in (("bundled", bundled), ("further", further), ("mean", mean)):
        model.load_state_dict(state)
        logits = scores(model.eval(), tokenizer, texts)
        compare(name, logits, of_ngrams, rows, languages_with_enough(others))


if __name__ == "__main__":
    main()
