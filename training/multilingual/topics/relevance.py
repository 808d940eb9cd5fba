"""``python -m training.multilingual.topics.relevance MODELS``: AUC of relevance by language, as the workers judge it.

Nothing is fitted to the articles. ``topics.publish`` chooses by these measures in which languages relevance is judged.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from training.measuring.metrics import Auc, auc_with_interval
from training.multilingual.topics.subjects import read_headlines, read_translations
from training.relevance.teacher import relevance_of as english_relevance_of
from training.rows.articles import read_articles as read_english_articles
from training.rows.pairs import Pair
from workers.scoring.engines.weights import Weights
from workers.scoring.relevance.comparing import Relevance
from workers.scoring.relevance.topic_vectors import TopicVectors

ARTICLES = Path(__file__).parents[1] / "articles"
OTHERS = 6
"""Each comment is compared with so many other articles, by turns of its own section and of another one."""

LEAST_AUC = 0.80
"""A language in which relevance is judged reaches this on the headlines that are kept from training."""

LESS = 0.03
"""So much less than the English weights on the same articles in English it may have, at most."""

BATCH = 64


@dataclass(frozen=True, slots=True)
class Article:
    """A headline with comments, whose language is given."""

    language: str
    section: str
    title: str
    summary: str
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sets:
    """The articles that a language is measured on."""

    headlines: tuple[Article, ...]  # kept from training
    articles: tuple[Article, ...]  # written for nothing else, by another brief
    in_english: tuple[Article, ...]  # the same articles, all of them translated
    under_english: tuple[Article, ...]  # the headlines in English, with comments in this language
    english_under: tuple[Article, ...]  # English comments on our English articles, with headlines in this language


@dataclass(frozen=True, slots=True)
class Measured:
    """Of the comments that are judged; the share of all that are."""

    auc: Auc
    judged: float


Measures = Mapping[str, Measured]
"""By the name of a set, with ``+`` where the standfirst is shown, too."""

SHOWN = (
    "headlines",
    "headlines+",
    "articles",
    "articles+",
    "in_english",
    "in_english+",
    "under_english",
    "english_under",
)
OWN = (("articles", "in_english"), ("articles+", "in_english+"))
"""The articles in a language and in English."""


def read_sets() -> dict[str, Sets]:
    """By language."""
    kept, translated = read_headlines(held_out=True), read_translations(held_out=True)
    english = {article.title: article for article in read_english_articles()}
    sets = dict[str, Sets]()
    for path in sorted(ARTICLES.glob("*.jsonl")):
        code = path.stem
        own = [(news, Article(code, news.section, news.title, news.summary, news.comments)) for news in kept[code]]
        articles, in_english = _read_articles(path)
        sets[code] = Sets(
            tuple(article for _, article in own),
            articles,
            in_english,
            tuple(replace(article, title=news.english_title) for news, article in own),
            tuple(
                Article("en", english[news.english_title].paper, news.title, "", english[news.english_title].comments)
                for news in translated[code]
            ),
        )
    return sets


def _read_articles(path: Path) -> tuple[tuple[Article, ...], tuple[Article, ...]]:
    """In their language, and in English."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    own = (Article(path.stem, r["section"], r["title"], r["summary"], tuple(r["comments"])) for r in records)
    english = (Article("en", r["section"], r["title_en"], r["summary_en"], tuple(r["comments_en"])) for r in records)
    return tuple(own), tuple(english)


def relevance_of(weights: Weights) -> Relevance:
    """Relevance as the workers judge it by the multilingual weights. Raises ModelUnavailable."""
    return Relevance(TopicVectors(weights))


def measure(sets: Mapping[str, Sets], relevance: Relevance, english: Relevance) -> dict[str, Measures]:
    """By language. ``english`` judges what is all in English."""
    measures = dict[str, Measures]()
    for language, own in sets.items():
        measures[language] = {
            name: measured(
                getattr(own, name.rstrip("+")),
                english if name.startswith("in_english") else relevance,
                standfirsts=name.endswith("+"),
            )
            for name in SHOWN
        }
    return measures


def is_good(own: Measures) -> bool:
    """Whether relevance is judged in a language."""
    enough = all(_value(own, name) >= LEAST_AUC for name in ("headlines", "headlines+"))
    return enough and all(_value(own, name) >= _value(own, english) - LESS for name, english in OWN)


def is_good_with_english(own: Measures) -> bool:
    """Whether it is where the comment or the article is in English."""
    return is_good(own) and all(_value(own, name) >= LEAST_AUC for name in ("under_english", "english_under"))


def table(measures: Mapping[str, Measures]) -> str:
    """Markdown, one line a language, and the mean of all; the last column is the share of comments that are judged."""
    cells = {code: [f"{_value(own, name):.2f}" for name in SHOWN] for code, own in measures.items()}
    means = [f"{np.mean([_value(own, name) for own in measures.values()]):.2f}" for name in SHOWN]
    judged = {code: own["articles"].judged for code, own in measures.items()}
    rows = [
        ("language", *(name.replace("_", " ").replace("+", " with standfirst") for name in SHOWN), "judged"),
        ("---",) * (len(SHOWN) + 2),
        *((code, *own, f"{100 * judged[code]:.0f} %") for code, own in cells.items()),
        ("mean", *means, f"{100 * np.mean(list(judged.values())):.0f} %"),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def measured(articles: Sequence[Article], relevance: Relevance, *, standfirsts: bool = False) -> Measured:
    """Some reactions are too short to be judged."""
    pairs = list(_pairs(articles, standfirsts=standfirsts))
    judged = [score for at in range(0, len(pairs), BATCH) for score in relevance.score(pairs[at : at + BATCH])]
    known = [(score.value, pair.on_topic) for score, pair in zip(judged, pairs, strict=True) if score.value is not None]
    values = np.asarray([value for value, _ in known], np.float32)
    on_topic = np.asarray([own for _, own in known], np.float32)
    return Measured(auc_with_interval(values, on_topic), len(known) / len(pairs))


def _pairs(articles: Sequence[Article], *, standfirsts: bool) -> Iterator[Pair]:
    """Each comment counts ``OTHERS`` times with its own article, and once with each of its other articles."""
    random = np.random.default_rng(7)
    for place, own in enumerate(articles):
        for comment in own.comments:
            for other in _others(articles, place, random):
                for article in (own, articles[other]):
                    summary = article.summary if standfirsts else None
                    yield Pair(comment, article is own, article.title, summary=summary, language=own.language)


def _others(articles: Sequence[Article], own: int, random: np.random.Generator) -> Iterator[int]:
    same = [i for i, article in enumerate(articles) if article.section == articles[own].section and i != own]
    elsewhere = [i for i, article in enumerate(articles) if article.section != articles[own].section]
    for turn in range(OTHERS):
        pool = same if turn % 2 and same else elsewhere
        yield pool[int(random.integers(len(pool)))]


def _value(own: Measures, name: str) -> float:
    return own[name].auc.value or 0.0


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.multilingual.topics.relevance", description=__doc__)
    parser.add_argument("models", type=Path, help="the folder of all weights")
    given = parser.parse_args(arguments)
    weights = Weights.read("multilingual", given.models / "multilingual")
    english = english_relevance_of(given.models / "toxicity")
    print(table(measure(read_sets(), relevance_of(weights), english)), end="")


if __name__ == "__main__":
    main()
