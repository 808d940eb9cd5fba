"""``python -m training.context.measure MODELS``: is a comment judged better beside what it answers than by its text?

It measures three ways beside the text alone, on the written pairs in each language, and with ``--data`` on Korean
comments with the headline of their article, the only labelled ones with a context:

- joined: the encoder reads the context and the text as one;
- added: what the text adds to the context's own score when they are joined, on top of the text's score;
- head: a logistic regression on these scores and on how the vectors of text and context lie to each other, fitted on
  other rows: four fifths of the pairs, or the training rows.

A way is better if the interval of its AUC's difference lies above zero.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.context.pairs import LANGUAGES, InContext, read_pairs
from training.limits.choose import interval
from training.loop.logistic import fit_logistic
from training.measuring.metrics import auc
from training.rows.dataset import Floats
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import OnnxEngine
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import ENGLISH, TABLE_FILE, Weights

FOLDS, RESAMPLES, SEED = 5, 1_000, 38
SHRINKAGE = 0.003
AT_ONCE = 64
KOREAN, TRAIN, VALID = "ko", "toxicity_train.csv.gz", "toxicity_valid.csv.gz"
MOST_LEARNT = 500

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
Scores = dict[str, Floats]
"""By the way, shape (members,)."""


@dataclass(frozen=True, slots=True)
class Read:
    """Log-odds of the texts alone, of the contexts alone and of both joined, and unit vectors of the first two."""

    alone: Floats
    context: Floats
    joined: Floats
    near: Floats  # the vectors' product

    @property
    def columns(self) -> Floats:
        together = self.alone * self.near
        return np.stack([self.alone, self.context, self.joined, self.near, together], axis=1).astype(np.float64)


def read(judge: Toxicity, language: str, members: Sequence[InContext]) -> Read:
    """The context comes first, as a reader meets it."""
    texts, contexts = [member.text for member in members], [member.context for member in members]
    joined = [f"{context}\n\n{text}" for context, text in zip(contexts, texts, strict=True)]
    (alone, of_texts), (context, of_contexts), (both, _) = (
        _scored(judge, language, p) for p in (texts, contexts, joined)
    )
    return Read(alone, context, both, np.asarray((of_texts * of_contexts).sum(axis=1), dtype=np.float32))


def _scored(judge: Toxicity, language: str, texts: Sequence[str]) -> tuple[Floats, Floats]:
    column, logits, vectors = judge.signals.index("toxicity"), list[float](), list[Floats]()
    for at in range(0, len(texts), AT_ONCE):
        part = texts[at : at + AT_ONCE]
        judge.score(part)
        logits += [float(judge.logits_in(text, language)[column]) for text in part]
        vectors += [vector for vector in judge.vectors(part) if vector is not None]
    return np.asarray(logits, dtype=np.float32), np.stack(vectors)


def scores(rows: Read, head: Floats) -> Scores:
    """The scores of each way."""
    added = rows.alone + (rows.joined - rows.context)
    return {"the text alone": rows.alone, "joined": rows.joined, "added": added, "head": head}


def fitted(rows: Read, toxic: Floats) -> Callable[[Read], Floats]:
    """The head that these rows teach, each class at the same weight."""
    counts = np.where(toxic >= 0.5, 1 / max(1, (toxic >= 0.5).sum()), 1 / max(1, (toxic < 0.5).sum()))
    middle, spread = rows.columns.mean(axis=0), rows.columns.std(axis=0) + 1e-6
    slopes, offset = fit_logistic(
        (rows.columns - middle) / spread, toxic.astype(np.float64), counts, shrinkage=SHRINKAGE
    )
    return lambda others: np.asarray(((others.columns - middle) / spread) @ slopes + offset, dtype=np.float32)


def crossed(rows: Read, members: Sequence[InContext]) -> Floats:
    """The head's score of each pair by a head that did not learn from it."""
    toxic = np.asarray([member.is_toxic for member in members], dtype=np.float32)
    fold = np.asarray([member.pair % FOLDS for member in members])
    head = np.zeros(len(members), dtype=np.float32)
    for number in range(FOLDS):
        held_out = fold == number
        head[held_out] = fitted(_where(rows, ~held_out), toxic[~held_out])(_where(rows, held_out))
    return head


def _where(rows: Read, mask: Mask) -> Read:
    return Read(rows.alone[mask], rows.context[mask], rows.joined[mask], rows.near[mask])


def table(name: str, given: Scores, toxic: Floats, pairs: Sequence[int]) -> list[str]:
    """A line for each way: AUC, its difference to the text alone with the interval over pairs, and how many pairs that
    turn are ordered rightly."""
    positive, of_pair = toxic >= 0.5, np.asarray(pairs)
    base, lines = given["the text alone"], []
    numbers = np.unique(of_pair)
    members = {number: np.flatnonzero(of_pair == number) for number in numbers.tolist()}
    random = np.random.default_rng(SEED)
    draws = [np.concatenate([members[n] for n in random.choice(numbers, len(numbers))]) for _ in range(RESAMPLES)]
    for way, own in given.items():
        differences = [(auc(own[d], positive[d]) or 0) - (auc(base[d], positive[d]) or 0) for d in draws]
        low, high = np.percentile(differences, (2.5, 97.5))
        better = "–" if own is base else f"{np.mean(differences):+.3f} [{low:+.3f} to {high:+.3f}]"
        lines.append(f"| {name} | {way} | {auc(own, positive):.3f} | {better} | {_turned(own, positive, members)} |")
    return lines


def _turned(own: Floats, positive: Mask, members: dict[int, Rows]) -> str:
    """Of the pairs whose verdict turns: the toxic member has the higher score; equal ones are wrong."""
    turning = [pair for pair in members.values() if len(pair) == 2 and positive[pair[0]] != positive[pair[1]]]
    right = sum(bool(own[pair[positive[pair]]][0] > own[pair[~positive[pair]]][0] + 1e-6) for pair in turning)
    return f"{right} of {len(turning)}, {interval(right / len(turning), len(turning))}" if turning else "–"


def headlines(data: Path, file: str, most: int | None = None) -> list[InContext]:
    """Korean comments with the headline of their article, the first in the order of their hash."""
    with gzip.open(data / "multilingual" / file, "rt", encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["language"] == KOREAN and row["context"]]
    rows.sort(key=lambda row: hashlib.sha256(row["text"].encode("utf-8")).digest())
    return [
        InContext(row["text"], row["context"], float(row["toxicity"]) >= 0.5, at) for at, row in enumerate(rows[:most])
    ]


def toxicity(models: Path, language: str) -> Toxicity:
    folder = models / ("toxicity" if language in ENGLISH else "multilingual")
    weights = Weights.read(folder.name, folder)
    return Toxicity(TableEngine(weights) if (folder / TABLE_FILE).exists() else OnnxEngine(weights), weights)


def main(arguments: list[str] | None = None) -> None:
    """Command line: print the table."""
    parser = argparse.ArgumentParser(prog="python -m training.context.measure", description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("--data", type=Path, help="the labelled comments, for those with a headline")
    given = parser.parse_args(arguments)
    lines = [
        "| comments | way | AUC | better than the text alone | turning pairs ordered rightly |",
        "|---|---|---|---|---|",
    ]
    for language in LANGUAGES:
        members = read_pairs(language)
        rows = read(toxicity(given.models, language), language, members)
        lines += table(f"pairs, {language}", scores(rows, crossed(rows, members)), _labels(members), _pairs(members))
    if given.data:
        judge = toxicity(given.models, KOREAN)
        learnt, valid = headlines(given.data, TRAIN, MOST_LEARNT), headlines(given.data, VALID)
        rows = read(judge, KOREAN, valid)
        head = fitted(read(judge, KOREAN, learnt), _labels(learnt))(rows)
        lines += table("headlines, ko", scores(rows, head), _labels(valid), _pairs(valid))
    print("\n".join(lines))


def _labels(members: Sequence[InContext]) -> Floats:
    return np.asarray([member.is_toxic for member in members], dtype=np.float32)


def _pairs(members: Sequence[InContext]) -> list[int]:
    return [member.pair for member in members]


if __name__ == "__main__":
    main()
