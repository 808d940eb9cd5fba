"""The labelled comments of all languages as one set of rows: English has all labels, the others toxicity alone."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np

from training.rows.dataset import LABELS, TRAIN_FILE, VALID_FILE, Rows, join, read_rows

FOLDER = "multilingual"
OWN_TEXTS = Path(__file__).parents[1] / "texts"
CIVIL_TEXTS = Path(__file__).parents[1] / "spam" / "texts"
OWN_WEIGHT = 3.0
CIVIL = 0.03
MOST_ENGLISH = 30_000
MOST_PER_SOURCE = 10_000
"""English has an encoder of its own, and no other source may outweigh the rest."""

KEPT_NEW = frozenset({"dkhate", "gmhp7k", "jigsaw_multilingual", "mpold", "toxifrench"})
"""Sources of the training file that no weights learn from: a language decides only beside one that is new to them."""


def read_training(data: Path, *, seed: int = 7, english: int = MOST_ENGLISH, per_source: int = MOST_PER_SOURCE) -> Rows:
    """English rows, the other languages' rows, and the project's own texts, which weigh ``OWN_WEIGHT`` each."""
    random = np.random.default_rng(seed)
    ours = read_rows(data / TRAIN_FILE)
    ours = ours.pick(np.sort(random.permutation(len(ours))[:english]))
    others = at_most_per_source(read_learnt(data / FOLDER / TRAIN_FILE), random, per_source)
    return join(ours, others, read_own(OWN_TEXTS), read_civil(CIVIL_TEXTS))


def at_most_per_source(rows: Rows, random: np.random.Generator, most: int = MOST_PER_SOURCE) -> Rows:
    """At most ``most`` rows of each source, drawn at random."""
    left: Counter[str] = Counter()
    kept = []
    for row in random.permutation(len(rows)):
        left[rows.sources[row]] += 1
        if left[rows.sources[row]] <= most:
            kept.append(int(row))
    return rows.pick(np.asarray(sorted(kept), dtype=np.int64))


def read_learnt(path: Path) -> Rows:
    """As ``read_other_languages``, without the sources that are kept new."""
    rows = read_other_languages(path)
    return rows.pick(np.flatnonzero([source.split("/")[1] not in KEPT_NEW for source in rows.sources]))


def read_validation(data: Path) -> Rows:
    return join(read_rows(data / VALID_FILE), read_other_languages(data / FOLDER / VALID_FILE))


def read_other_languages(path: Path) -> Rows:
    """``sources`` holds ``language/source``; every label but toxicity is NaN."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        records = list(csv.DictReader(lines))
    labels = np.full((len(records), len(LABELS)), np.nan, dtype=np.float32)
    labels[:, 0] = [float(record["toxicity"]) for record in records]
    sources = tuple(f"{record['language']}/{record['source']}" for record in records)
    return Rows(tuple(record["text"] for record in records), labels, np.ones_like(labels), sources)


def read_own(folder: Path) -> Rows:
    """The comments written for this project. A text without one of the labels leaves it NaN."""
    records = [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.open(encoding="utf-8")]
    labels = np.asarray(
        [[record.get(name, float("nan")) for name in LABELS] for record in records], dtype=np.float32
    ).reshape(len(records), len(LABELS))
    weights = np.full_like(labels, OWN_WEIGHT)
    return Rows(tuple(record["text"] for record in records), labels, weights, ("own",) * len(records))


def read_civil(folder: Path) -> Rows:
    """The civil comments in many languages that were written as counterparts of spam: not toxic, no other label."""
    texts = [
        json.loads(line)["text"]
        for path in sorted(folder.glob("*_civil.jsonl"))
        if not path.name.startswith("en_")
        for line in path.open(encoding="utf-8")
    ]
    labels = np.full((len(texts), len(LABELS)), np.nan, dtype=np.float32)
    labels[:, 0] = CIVIL
    return Rows(tuple(texts), labels, np.ones_like(labels), ("civil",) * len(texts))
