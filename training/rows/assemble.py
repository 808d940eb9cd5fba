"""Assemble the rows of the second stage: the sources with their missing labels added, and the project's own texts.

One in ten of the rows added here is held out, by its hash, for calibration and inspection.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.rows.dataset import LABELS, Floats, Rows, join

HAND_WEIGHT = 3.0
"""A row labelled by hand under the guideline counts this much for the labels it was given."""

GRADED_WEIGHT = 1.5
"""The same of rows that were graded for all labels: there are many of them."""

GRADED_SHARE = 0.6
"""Of the toxicity of a graded row, the rest being its source's, whose raters saw more in it than we did."""

WEAK_WEIGHT = 0.3
CIVIL_MEANS_CIVIL = frozenset(
    {
        "cat_wikipedia",
        "civil_comments_sample",
        "davidson_tweets",
        "hatexplain",
        "ibm_argq",
        "jigsaw_wiki_samples",
        "sbic_dev",
        "toxigen_human_subset",
    }
)
"""Sources whose raters were asked about offence in general: what they call civil is no insult and no threat either.
Not so where they were asked about hatred alone (gab_hate_corpus): an insult to one person is a zero there."""

OWN = "own:"
"""What the source of our own texts begins with."""

TOXICITY = LABELS.index("toxicity")

SMALLEST, LARGEST = 0.01, 0.98
"""Labels are kept off 0 and 1, which single votes cannot vouch for and which spoil the calibration."""


@dataclass(frozen=True, slots=True)
class Mix:
    """How often the project's own texts are repeated, and the share of each source that is used."""

    own_copies: int = 3
    hand_copies: int = 2
    share: Mapping[str, float] | None = None
    seed: int = 23


def held_out(key: str) -> bool:
    """Whether a text, or a contrast pair by its name, is kept from training."""
    return hashlib.sha256(key.encode("utf-8")).digest()[0] < 26


def read_own_texts(folder: Path) -> tuple[Rows, Rows]:
    """The project's own texts: those to train on, and those held out. Both texts of a pair go the same way."""
    train: list[dict[str, object]] = []
    keep: list[dict[str, object]] = []
    for record in _records(folder):
        key = str(record.get("pair") or record["text"])
        (keep if held_out(key) else train).append(record)
    return _own_rows(train), _own_rows(keep)


def read_hand_labels(folder: Path) -> dict[str, Floats]:
    """Labels of shape (labels,) by sha256 of the text, NaN where the guideline gives none."""
    labels: dict[str, Floats] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for record in csv.DictReader(lines):
                values = labels.setdefault(record["sha256"], np.full(len(LABELS), np.nan, dtype=np.float32))
                for place, name in enumerate(LABELS):
                    if record.get(name):
                        values[place] = float(record[name])
    return labels


def are_graded(rows: Rows, by_hash: Mapping[str, Floats]) -> NDArray[np.bool_]:
    """Shape (rows,): whether a row's toxicity has a hand label."""
    hand = (by_hash.get(hashlib.sha256(text.encode("utf-8")).hexdigest()) for text in rows.texts)
    return np.asarray([labels is not None and not np.isnan(labels[TOXICITY]) for labels in hand])


def add_hand_labels(rows: Rows, by_hash: Mapping[str, Floats]) -> tuple[Rows, Rows]:
    """The rows with hand labels in place of their own, and the labelled rows that are held out."""
    labels, weights = rows.labels.copy(), rows.weights.copy()
    train: list[int] = []
    keep: list[int] = []
    for place, text in enumerate(rows.texts):
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        hand = by_hash.get(digest)
        if hand is not None:
            given = ~np.isnan(hand)
            of_source = labels[place, TOXICITY]
            labels[place, given] = hand[given]
            weights[place, given] = GRADED_WEIGHT if given.all() else HAND_WEIGHT
            if given[TOXICITY] and not np.isnan(of_source):
                labels[place, TOXICITY] = GRADED_SHARE * hand[TOXICITY] + (1 - GRADED_SHARE) * of_source
        (keep if hand is not None and held_out(text) else train).append(place)
    whole = Rows(rows.texts, labels, weights, rows.sources)
    return whole.pick(np.asarray(train, dtype=np.int64)), whole.pick(np.asarray(keep, dtype=np.int64))


def add_weak_labels(rows: Rows) -> Rows:
    """Fill missing labels where another label settles them, at a low weight.

    A comment that raters called civil gets zero for insult, threat and severe toxicity; a plain insult or threat that
    nobody rated for toxicity is toxic.
    """
    labels, weights = rows.labels.copy(), rows.weights.copy()
    asked = np.asarray([source in CIVIL_MEANS_CIVIL for source in rows.sources])
    civil = asked & (labels[:, 0] <= 0.05)
    for name in ("insult", "threat", "severe_toxicity"):
        place = LABELS.index(name)
        fill = civil & np.isnan(labels[:, place])
        labels[fill, place], weights[fill, place] = 0.0, WEAK_WEIGHT
    worst = np.nanmax(np.nan_to_num(labels[:, 1:5], nan=0.0), axis=1)
    fill = np.isnan(labels[:, 0]) & (worst >= 0.75)
    labels[fill, 0], weights[fill, 0] = worst[fill], WEAK_WEIGHT
    return Rows(rows.texts, labels, weights, rows.sources)


def second_stage(sources: Rows, texts: Path, hand: Path, mix: Mix) -> tuple[Rows, Rows]:
    """Rows to train the second stage on, and the held-out rows (hand-labelled ones first, then own texts)."""
    own_train, own_keep = read_own_texts(texts)
    labelled, hand_keep = add_hand_labels(sources, read_hand_labels(hand))
    filled = add_weak_labels(labelled)
    by_hand = np.flatnonzero((filled.weights == HAND_WEIGHT).any(axis=1))
    parts = [_thin(filled, mix), *[filled.pick(by_hand)] * (mix.hand_copies - 1), *[own_train] * mix.own_copies]
    return _softened(join(*parts)), join(hand_keep, own_keep)


def _thin(rows: Rows, mix: Mix) -> Rows:
    shares = mix.share or {}
    random = np.random.default_rng(mix.seed)
    draw = random.random(len(rows))
    chosen = np.asarray([draw[place] < shares.get(source, 1.0) for place, source in enumerate(rows.sources)])
    chosen |= (rows.weights > 1).any(axis=1)
    return rows.pick(np.flatnonzero(chosen))


def _softened(rows: Rows) -> Rows:
    return Rows(rows.texts, np.clip(rows.labels, SMALLEST, LARGEST), rows.weights, rows.sources)


def _records(folder: Path) -> Iterator[dict[str, object]]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


def _own_rows(records: list[dict[str, object]]) -> Rows:
    labels = np.asarray([[record[name] for name in LABELS] for record in records], dtype=np.float32)
    labels = labels.reshape(len(records), len(LABELS))
    kinds = tuple(f"{OWN}{record['kind']}" for record in records)
    return Rows(tuple(str(record["text"]) for record in records), labels, np.ones_like(labels), kinds)
