"""Labelled comments in many languages with the scores that the bundled encoder gives them, as workers score them."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.limits.policy_rows import held_by_rules
from training.multilingual.rows import FOLDER, read_other_languages
from training.multilingual.second import own_texts
from training.rows.dataset import LABELS, VALID_FILE, Floats, Rows
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import Weights
from workers.scoring.spam.scorer import SpamScorer

EVALUATION_FILE = "toxicity_evaluation_only.csv.gz"
MOST_VALID, MOST_EVALUATED = 3_000, 500
"""Rows of a source, the first in the order of their hash."""

BATCH = 256
CIVIL_TO, PLAIN_FROM, TOXIC_FROM = 0.2, 0.8, 0.5
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows of one file. ``logits`` has the shape (rows, labels), before any calibration. ``ruled`` says which rows the
    default policy holds whatever their toxicity: for spam, words of lists, capitals or links."""

    languages: NDArray[np.str_]
    sources: NDArray[np.str_]
    toxicity: Floats
    logits: Floats
    first_half: Mask  # the two halves are calibrated by each other
    ruled: Mask

    @property
    def civil(self) -> Mask:
        return np.asarray(self.toxicity <= CIVIL_TO + 1e-6)

    @property
    def plain(self) -> Mask:
        return np.asarray(self.toxicity >= PLAIN_FROM - 1e-6)

    def where(self, mask: Mask) -> Scored:
        """The rows that the mask picks."""
        return Scored(
            self.languages[mask],
            self.sources[mask],
            self.toxicity[mask],
            self.logits[mask],
            self.first_half[mask],
            self.ruled[mask],
        )

    def of(self, language: str) -> Scored:
        return self.where(np.asarray(self.languages == language))


@dataclass(frozen=True, slots=True)
class Measurements:
    """All rows that no training saw. Calibration is fitted on ``validation``; nothing is fitted or chosen on the rest.

    ``own`` are texts written for this project by a language model: they show only what no human source does.
    """

    validation: Scored
    evaluation: Scored
    own: Scored

    @classmethod
    def of(cls, folder: Path, data: Path, spam: Path) -> Measurements:
        """Scores the rows with the weights in the folder; ``spam`` is the folder of those for spam."""
        valid = read_other_languages(data / FOLDER / VALID_FILE)
        evaluation = read_other_languages(data / FOLDER / EVALUATION_FILE)
        own = own_texts(held_out=True)
        own = replace(own, sources=tuple(f"{source.removeprefix('own/')}/own" for source in own.sources))
        return cls(
            _scored(folder, spam, valid, MOST_VALID),
            _scored(folder, spam, evaluation, MOST_EVALUATED),
            _scored(folder, spam, own, MOST_EVALUATED),
        )

    @property
    def languages(self) -> frozenset[str]:
        """Those with any rows."""
        return frozenset(
            code for rows in (self.validation, self.evaluation, self.own) for code in rows.languages.tolist()
        )


def _scored(folder: Path, spam_folder: Path, rows: Rows, most: int) -> Scored:
    rows = first_of_each(rows, most)
    weights = Weights.read(folder.name, folder)
    judge = Toxicity(TableEngine(weights, threads=1), weights)
    columns = [judge.signals.index(label) for label in LABELS]
    spam = SpamScorer(Weights.read("spam", spam_folder))
    names = [source.split("/", 1) for source in rows.sources]
    logits, ruled = [], list[bool]()
    for at in range(0, len(rows), BATCH):
        texts = rows.texts[at : at + BATCH]
        judge.score(texts)
        languages = [language for language, _ in names[at : at + BATCH]]
        both = list(zip(texts, languages, strict=True))
        logits += [judge.logits_in(text, language)[columns] for text, language in both]
        ruled += held_by_rules(both, spam)
    return Scored(
        np.asarray([language for language, _ in names]),
        np.asarray([source for _, source in names]),
        rows.labels[:, 0],
        np.stack(logits),
        np.asarray([digest(text)[1] % 2 == 0 for text in rows.texts]),
        np.asarray(ruled, dtype=np.bool_),
    )


def first_of_each(rows: Rows, most: int) -> Rows:
    """At most so many rows of each source."""
    seen: Counter[str] = Counter()
    kept = []
    for row in sorted(range(len(rows)), key=lambda row: digest(rows.texts[row])):
        seen[rows.sources[row]] += 1
        if seen[rows.sources[row]] <= most:
            kept.append(row)
    return rows.pick(np.asarray(sorted(kept), dtype=np.int64))


def digest(text: str) -> bytes:
    """Decides to which half a text belongs, whatever file it is in."""
    return hashlib.sha256(text.encode("utf-8")).digest()
