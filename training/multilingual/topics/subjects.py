"""Batches of comments beside what they are about, for ``training.multilingual.topics.train``.

They come from headlines with comments that were written for this project in each language (``headlines/``), from our
English ones and their translations (``translations/``), and from Korean newspapers.
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.rows.articles import Article, read_articles

HEADLINES = Path(__file__).parents[1] / "headlines"
TRANSLATIONS = Path(__file__).parents[1] / "translations"
KOREAN = Path("multilingual") / "relevance_title_comment_train_ko.csv.gz"
HELD_OUT = 10
"""One headline in so many is kept from training, to calibrate on."""

PAIRS = 48
RUN = 8
"""Neighbours in a file have subjects that are near each other. Half of the batches consist of runs of so many."""

CROSSED = 0.15
"""So many of the batches have comments in all languages beside English headlines."""

WRITTEN, TRANSLATED, ENGLISH = 4.0, 1.0, 1.5
KOREAN_WEIGHT = 700.0
"""How often a batch comes from a collection: weights for each of its headlines, and one for all Korean newspapers."""

STANDFIRSTS, BOTH = 0.30, 0.15
"""The share of comments that are shown beside the standfirst, and beside headline and standfirst in one text."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The article that comments are about. All but the title may be empty."""

    title: str
    comments: tuple[str, ...]
    summary: str = ""
    english_title: str = ""
    section: str = ""

    @property
    def held_out(self) -> bool:
        return zlib.crc32(self.title.encode()) % HELD_OUT == 0

    @property
    def article(self) -> Article:
        """The same as calibration reads it; its neighbours are those of its section."""
        return Article(self.section, self.title, self.section, self.summary, self.comments)


@dataclass(frozen=True, slots=True)
class Batch:
    """Comments, and what each is about, in the same order."""

    comments: tuple[str, ...]
    subjects: tuple[str, ...]


def read_headlines(*, held_out: bool) -> dict[str, tuple[Subject, ...]]:
    """By language, in the order of the file."""
    kept = {path.stem: tuple(news for news in _read(path) if news.held_out == held_out) for path in _files(HEADLINES)}
    return {language: own for language, own in kept.items() if own}


def read_translations(*, held_out: bool) -> dict[str, tuple[Subject, ...]]:
    """By language, those of English articles that are, or are not, kept from training."""
    chosen = {article.title for article in read_articles() if article.held_out == held_out}
    return {
        path.stem: tuple(news for news in _read(path) if news.english_title in chosen) for path in _files(TRANSLATIONS)
    }


class Drawer:
    """Draws batches, each of one language or across all."""

    def __init__(self, data: Path) -> None:
        english = [article for article in read_articles() if not article.held_out]
        self._in_many = [*read_headlines(held_out=False).values(), *read_translations(held_out=False).values()]
        pools = [(own, WRITTEN * len(own)) for own in read_headlines(held_out=False).values()]
        pools += [(own, TRANSLATED * len(own)) for own in read_translations(held_out=False).values()]
        pools.append(
            (
                tuple(Subject(article.title, article.comments, article.summary) for article in english),
                ENGLISH * len(english),
            )
        )
        pools.append((_korean(data / KOREAN), KOREAN_WEIGHT))
        self._pools = [own for own, _ in pools]
        weights = np.asarray([weight for _, weight in pools])
        self._shares = weights / weights.sum()

    def draw(self, random: np.random.Generator) -> Batch:
        if random.random() < CROSSED:
            return across_languages(self._in_many, random)
        return of_one_language(self._pools[int(random.choice(len(self._pools), p=self._shares))], random)


def of_one_language(subjects: Sequence[Subject], random: np.random.Generator) -> Batch:
    """Neighbours in every other batch."""
    if random.random() < 0.5:
        starts = random.permutation(-(-len(subjects) // RUN)) * RUN
        places = [place for start in starts for place in range(start, min(len(subjects), start + RUN))][:PAIRS]
    else:
        places = random.permutation(len(subjects))[:PAIRS].tolist()
    own = [subjects[place] for place in places]
    comments = tuple(subject.comments[int(random.integers(len(subject.comments)))] for subject in own)
    return Batch(comments, tuple(_text_of(subject, random.random()) for subject in own))


def across_languages(pools: Sequence[Sequence[Subject]], random: np.random.Generator) -> Batch:
    """Comments in any language beside English headlines, so that the language of a text says nothing of its subject.

    Raises ValueError if there are too few of these.
    """
    if len({news.english_title for own in pools for news in own}) < PAIRS:
        raise ValueError(f"batches across languages need at least {PAIRS} headlines")
    sizes, chosen = np.asarray([len(own) for own in pools]), dict[str, str]()
    while len(chosen) < PAIRS:
        own = pools[int(random.choice(len(pools), p=sizes / sizes.sum()))]
        start = int(random.integers(max(1, len(own) - 3)))
        for subject in own[start : start + 4]:
            chosen.setdefault(subject.english_title, subject.comments[int(random.integers(len(subject.comments)))])
    return Batch(tuple(chosen.values())[:PAIRS], tuple(chosen)[:PAIRS])


def _text_of(subject: Subject, turn: float) -> str:
    if not subject.summary or turn >= STANDFIRSTS + BOTH:
        return subject.title
    return subject.summary if turn < STANDFIRSTS else f"{subject.title} {subject.summary}"


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def _read(path: Path) -> list[Subject]:
    records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Subject(row["title"], tuple(row["comments"]), row["summary"], row["title_en"], row.get("section", ""))
        for row in records
    ]


def _korean(path: Path) -> tuple[Subject, ...]:
    """Comments by headline, without those of the labelled test rows."""
    by_title: dict[str, list[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for record in csv.DictReader(lines):
            if record["split"] == "train":
                by_title.setdefault(record["article_title"], []).append(record["comment"])
    return tuple(Subject(title, tuple(own)) for title, own in by_title.items())
