"""Batches of comments beside what they are about, all of one language, for the contrast between articles."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from moderation.text.folding import fold
from training.articles import read_articles
from training.dataset import Floats
from training.multilingual.aims import VectorsOf
from training.multilingual.translations import read_translations
from training.pairs import read_arguments

KOREAN = Path("multilingual") / "relevance_title_comment_train_ko.csv.gz"
PAIRS = 32
"""In a batch; each comment is told apart from the articles of the others."""

SHARES = {"translated": 0.5, "English": 0.2, "Korean": 0.2, "arguments": 0.1}
"""Of the batches."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Comments and what each is about, in order, no two about the same; and where it is known, what the English encoder
    says of the latter, shape (pairs, dimensions)."""

    comments: tuple[str, ...]
    subjects: tuple[str, ...]
    english: Floats | None = None


Draw = Callable[[], Pairs]
T = TypeVar("T")


class PairMaker:
    """Draws batches by ``SHARES``."""

    def __init__(self, data: Path, english: VectorsOf, seed: int = 23) -> None:
        self._random = np.random.default_rng(seed)
        self._vectors = english
        self._articles = [one for one in read_articles() if not one.held_out]
        self._translations = read_translations(held_out=False)
        self._korean = _korean(data / KOREAN)
        self._arguments = _by_topic(data)
        self._draws: dict[str, Draw] = {
            "translated": self._translated,
            "English": self._english,
            "Korean": lambda: self._of_subjects(self._korean),
            "arguments": lambda: self._of_subjects(self._arguments),
        }

    def draw(self) -> Pairs:
        kind = str(self._random.choice(list(SHARES), p=list(SHARES.values())))
        pairs = self._draws[kind]()
        return Pairs(_folded(pairs.comments), _folded(pairs.subjects), pairs.english)

    def _translated(self) -> Pairs:
        """One language; the subject is the headline or the standfirst, and the English original's vector with it."""
        language = self._one(sorted({one.language for one in self._translations}))
        own = self._some([one for one in self._translations if one.language == language])
        subjects = [int(self._random.integers(2)) for _ in own]
        comments = tuple(self._one(one.texts[2:]) for one in own)
        english = self._vectors([one.english[place] for one, place in zip(own, subjects, strict=True)])
        return Pairs(comments, tuple(one.texts[place] for one, place in zip(own, subjects, strict=True)), english)

    def _english(self) -> Pairs:
        """Half of the articles of one paper: those are harder to tell apart."""
        paper = self._one(sorted({one.paper for one in self._articles}))
        near = self._some([one for one in self._articles if one.paper == paper], PAIRS // 2)
        own = near + self._some([one for one in self._articles if one.paper != paper], PAIRS - len(near))
        subjects = tuple(self._one((one.title, one.summary)) for one in own)
        return Pairs(tuple(self._one(one.comments) for one in own), subjects, self._vectors(subjects))

    def _of_subjects(self, by_subject: Mapping[str, Sequence[str]]) -> Pairs:
        subjects = tuple(self._some(tuple(by_subject)))
        return Pairs(tuple(self._one(by_subject[one]) for one in subjects), subjects)

    def _one(self, choices: Sequence[str]) -> str:
        return choices[int(self._random.integers(len(choices)))]

    def _some(self, choices: Sequence[T], most: int = PAIRS) -> list[T]:
        return [choices[i] for i in self._random.permutation(len(choices))[:most]]


def _korean(path: Path) -> dict[str, list[str]]:
    """Comments by headline, without those of the labelled test rows."""
    found: dict[str, list[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for record in csv.DictReader(lines):
            if record["split"] == "train":
                found.setdefault(record["article_title"], []).append(record["comment"])
    return found


def _by_topic(data: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in read_arguments(data):
        if not one.held_out:
            found.setdefault(one.topic, []).append(one.text)
    return found


def _folded(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(fold(text).text for text in texts)
