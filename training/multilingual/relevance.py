"""``python -m training.multilingual.relevance MODELS``: AUC of relevance by language with the multilingual vectors.

Nothing is fitted to these articles.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.dataset import Floats
from training.metrics import Auc, auc_with_interval
from workers.scoring.table_engine import TableEngine
from workers.scoring.vectors import unit
from workers.scoring.weights import Weights

ARTICLES = Path(__file__).parent / "articles"
OTHERS = 6
"""Each comment is compared with so many other articles, by turns of its own section and of another one."""

LEAST_AUC = 0.80
"""A language in which relevance is to be judged reaches this. The number was set before the measurement."""

KINDS = ("title", "standfirst", "english")
"""The comment beside the title, beside title and standfirst, and beside the title in English."""

COLUMNS = ("language", "title", "title and standfirst", "English title")

VectorsOf = Callable[[Sequence[str]], Floats]
"""Texts to vectors of any length, shape (texts, dimensions)."""


@dataclass(frozen=True, slots=True)
class Article:
    """One headline in another language than English with its translation, and four comments."""

    language: str
    section: str
    title: str
    english_title: str
    summary: str
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """Vectors of the articles of one language, shape (articles, dimensions) each, and of their comments."""

    titles: Floats
    english: Floats
    summaries: Floats
    comments: Floats  # all of the first article, then of the second

    def near(self, kind: str) -> Floats:
        """How near each comment is to each article, shape (comments, articles)."""
        if kind == "english":
            return np.asarray(self.comments @ self.english.T)
        titles = self.comments @ self.titles.T
        return np.asarray(titles if kind == "title" else titles + self.comments @ self.summaries.T)


def read_articles(folder: Path = ARTICLES) -> dict[str, tuple[Article, ...]]:
    """By language."""
    return {path.stem: tuple(_articles(path)) for path in sorted(folder.glob("*.jsonl"))}


def measure(articles: Mapping[str, Sequence[Article]], vectors_of: VectorsOf) -> dict[str, dict[str, Auc]]:
    """AUC by language and kind.

    Titles, standfirsts and comments are each centred within their language: vectors of one language and of one kind
    of text lie close together, whatever they are about.
    """
    return {
        language: {kind: _auc(own, _side(own, vectors_of).near(kind)) for kind in KINDS}
        for language, own in articles.items()
    }


def table(measured: Mapping[str, Mapping[str, Auc]]) -> str:
    """Markdown, one line a language, and the mean of all."""
    lines = [(language, *(_cell(own[kind]) for kind in KINDS)) for language, own in measured.items()]
    means = (f"{np.mean([own[kind].value or 0.0 for own in measured.values()]):.2f}" for kind in KINDS)
    rows = [COLUMNS, ("---",) * len(COLUMNS), *lines, ("mean", *means)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def bundled_vectors(models: Path) -> VectorsOf:
    """Those that the multilingual weights give beside their scores. Raises ModelUnavailable."""
    engine = TableEngine(Weights.read("multilingual", models / "multilingual"))
    return lambda texts: _vectors(engine, texts)


def _vectors(engine: TableEngine, texts: Sequence[str]) -> Floats:
    found = engine.read(texts, engine.encode(texts)).vectors
    assert found is not None  # every graph of a table engine gives them
    return found


def _articles(path: Path) -> Iterator[Article]:
    for one in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        texts = one["section"], one["title"], one["title_en"], one["summary"]
        yield Article(path.stem, *texts, tuple(one["comments"]))


def _side(articles: Sequence[Article], vectors_of: VectorsOf) -> Side:
    texts = (
        [one.title for one in articles],
        [one.english_title for one in articles],
        [one.summary for one in articles],
        [text for one in articles for text in one.comments],
    )
    return Side(*(unit(own - own.mean(axis=0)) for own in map(vectors_of, texts)))


def _auc(articles: Sequence[Article], near: Floats) -> Auc:
    """Each comment counts ``OTHERS`` times on topic, and once with each of its other articles."""
    random = np.random.default_rng(7)
    values, on_topic = list[float](), list[bool]()
    owners = [place for place, one in enumerate(articles) for _ in one.comments]
    for row, own in zip(near, owners, strict=True):
        for other in _others(articles, own, random):
            values += [float(row[own]), float(row[other])]
            on_topic += [True, False]
    return auc_with_interval(np.asarray(values, np.float32), np.asarray(on_topic, np.float32))


def _others(articles: Sequence[Article], own: int, random: np.random.Generator) -> Iterator[int]:
    same = [i for i, one in enumerate(articles) if one.section == articles[own].section and i != own]
    elsewhere = [i for i, one in enumerate(articles) if one.section != articles[own].section]
    for turn in range(OTHERS):
        pool = same if turn % 2 and same else elsewhere
        yield pool[int(random.integers(len(pool)))]


def _cell(area: Auc) -> str:
    return "–" if area.value is None else f"{area.value:.2f}"


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.multilingual.relevance", description=__doc__)
    parser.add_argument("models", type=Path, help="the folder of all weights")
    given = parser.parse_args(arguments)
    print(table(measure(read_articles(), bundled_vectors(given.models))), end="")


if __name__ == "__main__":
    main()
