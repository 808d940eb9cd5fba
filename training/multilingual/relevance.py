"""``python -m training.multilingual.relevance MODELS``: AUC of relevance by language, as the workers judge it.

Nothing is fitted to these articles, nor chosen by them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.articles import read_articles as read_english_articles
from training.calibrate_relevance import fit, uncalibrated
from training.metrics import Auc, auc_with_interval
from training.multilingual.translations import as_articles, read_translations
from training.pairs import Pair, read_arguments
from training.relevance import write_relevance
from workers.scoring.encoder_vectors import EncoderVectors
from workers.scoring.relevance import Relevance
from workers.scoring.table_engine import TableEngine
from workers.scoring.toxicity import Toxicity
from workers.scoring.weights import Weights

ARTICLES = Path(__file__).parent / "articles"
OTHERS = 6
"""Each comment is compared with so many other articles, by turns of its own section and of another one."""

LEAST_AUC = 0.80
"""A language in which relevance is to be judged reaches this. The number was set before the measurement."""

KINDS = ("title", "standfirst", "english")
"""The comment beside the title, beside title and standfirst, and beside the title in English."""

NEEDED = ("title", "standfirst")
"""The kinds by which it is decided."""

BATCH = 64
COLUMNS = ("language", "title", "title and standfirst", "English title")


@dataclass(frozen=True, slots=True)
class Article:
    """One headline in another language than English with its translation, and four comments."""

    language: str
    section: str
    title: str
    english_title: str
    summary: str
    comments: tuple[str, ...]


def read_articles(folder: Path = ARTICLES) -> dict[str, tuple[Article, ...]]:
    """By language."""
    return {path.stem: tuple(_articles(path)) for path in sorted(folder.glob("*.jsonl"))}


def calibrated(folder: Path, data: Path) -> dict[str, dict[str, Auc]]:
    """Fits the calibration of the multilingual weights on English articles and translations that no training saw.

    Writes it into their manifest with the languages that are good enough; returns the measures by language and kind.
    """
    write_relevance(folder, uncalibrated(), ())
    held_out = read_translations(held_out=True)
    papers = [as_articles(held_out, code) for code in sorted({one.language for one in held_out})]
    papers.append(tuple(one for one in read_english_articles() if one.held_out))
    calibration, _ = fit(relevance_of(folder), read_arguments(data), papers)
    write_relevance(folder, calibration, ())
    measured = measure(read_articles(), relevance_of(folder))
    good = [code for code, own in measured.items() if all((own[kind].value or 0) >= LEAST_AUC for kind in NEEDED)]
    write_relevance(folder, calibration, ("en", *good) if good else ())
    return measured


def relevance_of(folder: Path) -> Relevance:
    """Relevance as the workers judge it by the multilingual weights. Raises ModelUnavailable."""
    weights = Weights.read(folder.name, folder)
    engine = TableEngine(weights)
    return Relevance(EncoderVectors(Toxicity(engine, weights), engine, weights))


def measure(articles: Mapping[str, Sequence[Article]], relevance: Relevance) -> dict[str, dict[str, Auc]]:
    """AUC by language and kind."""
    return {
        language: {kind: _auc(list(_pairs(own, kind)), relevance) for kind in KINDS}
        for language, own in articles.items()
    }


def table(measured: Mapping[str, Mapping[str, Auc]]) -> str:
    """Markdown, one line a language, and the mean of all."""
    lines = [(language, *(_cell(own[kind]) for kind in KINDS)) for language, own in measured.items()]
    means = (f"{np.mean([own[kind].value or 0.0 for own in measured.values()]):.2f}" for kind in KINDS)
    rows = [COLUMNS, ("---",) * len(COLUMNS), *lines, ("mean", *means)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _articles(path: Path) -> Iterator[Article]:
    for one in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        texts = one["section"], one["title"], one["title_en"], one["summary"]
        yield Article(path.stem, *texts, tuple(one["comments"]))


def _pairs(articles: Sequence[Article], kind: str) -> Iterator[Pair]:
    """Each comment counts ``OTHERS`` times with its own article, and once with each of its other articles."""
    random = np.random.default_rng(7)
    for place, own in enumerate(articles):
        for comment in own.comments:
            for other in _others(articles, place, random):
                for one in (own, articles[other]):
                    title = one.english_title if kind == "english" else one.title
                    yield Pair(comment, one is own, title, summary=one.summary if kind == "standfirst" else None)


def _auc(pairs: Sequence[Pair], relevance: Relevance) -> Auc:
    """Of the comments that are judged: some reactions are too short."""
    judged = [one for at in range(0, len(pairs), BATCH) for one in relevance.score(pairs[at : at + BATCH])]
    known = [(one.value, pair.on_topic) for one, pair in zip(judged, pairs, strict=True) if one.value is not None]
    values, on_topic = zip(*known, strict=True)
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
    print(table(measure(read_articles(), relevance_of(given.models / "multilingual"))), end="")


if __name__ == "__main__":
    main()
