"""Pairs of a comment and what it may be about: built from our articles and the topic arguments to fit on, read from
news to measure.

Nobody labelled real comments by topic for training. A comment that was written for one headline is off topic under any
other, and so is an argument written for one topic. Pieces of an argument serve as short comments, other arguments on
the topic as the text of an article, one of them as a parent.
"""

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from moderation.judging.text.reading import Reading
from training.rows.articles import Article

ARGUMENTS_FILE = "relevance_topic_arguments.csv.gz"
NEWS_PAIRS_FILE = "relevance_pairs_evaluation_only.csv.gz"
MAX_PASSAGES = 6
"""An article is given one to so many passages: a news site may send a teaser or the whole text."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A comment beside an article or a parent; the fields the workers' relevance reads."""

    text: str
    on_topic: bool
    title: str | None = None
    article_text: str | None = None
    parent_text: str | None = None
    group: str = ""
    summary: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    article_language: str | None = None

    @property
    def reading(self) -> Reading:
        return Reading(self.text)

    @property
    def article_key(self) -> str | None:
        """Names the whole compared article, because its vectors are cached under this key."""
        return f"{self.title}\n{self.summary}\n{self.article_text}" if self.title else None


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of the topic data; `held_out` topics are never fitted on."""

    topic: str
    text: str
    held_out: bool


def read_arguments(data: Path) -> tuple[Argument, ...]:
    """All arguments; those of the data's own dev and test topics are held out."""
    with gzip.open(data / ARGUMENTS_FILE, "rt", encoding="utf-8", newline="") as lines:
        return tuple(Argument(r["topic"], r["argument"], r["set"] != "train") for r in csv.DictReader(lines))


def read_news_pairs(data: Path) -> tuple[Pair, ...]:
    """Newspaper comments with their own article and with others; `group` is the site and the kind of other article."""
    with gzip.open(data / NEWS_PAIRS_FILE, "rt", encoding="utf-8", newline="") as lines:
        return tuple(
            Pair(
                r["comment"],
                r["label"] == "1",
                r["article_title"],
                r["article_text"] or None,
                group=f"{r['source']} {r['pair_type']}",
            )
            for r in csv.DictReader(lines)
        )


def pairs_of_articles(
    articles: Sequence[Article], *, summaries: bool, seed: int, language: str | None = None
) -> Iterator[Pair]:
    """Every comment once with its own article and once with another, as often of the same paper as of another one.

    With ``summaries`` an article is title and standfirst, otherwise its title alone.
    """
    random = np.random.default_rng(seed)
    for own in articles:
        same = [candidate for candidate in articles if candidate.paper == own.paper and candidate is not own]
        others = [candidate for candidate in articles if candidate.paper != own.paper]
        for comment in own.comments:
            pool = same if same and random.random() < 0.5 else others
            other = pool[int(random.integers(len(pool)))]
            for article in (own, other):
                summary = article.summary if summaries else None
                yield Pair(comment, article is own, title=article.title, summary=summary, language=language)


class PairMaker:
    """Draws pairs from arguments, as many on as off topic; half of the off ones take a neighbouring topic."""

    def __init__(self, arguments: tuple[Argument, ...], neighbours: dict[str, tuple[str, ...]], seed: int) -> None:
        self.by_topic: dict[str, list[str]] = {}
        for argument in arguments:
            self.by_topic.setdefault(argument.topic, []).append(argument.text)
        self.topics = tuple(self.by_topic)
        self.neighbours = {
            topic: tuple(near for near in neighbours[topic] if near in self.by_topic)[:5] for topic in self.topics
        }
        self.random = np.random.default_rng(seed)

    def draw(self, count: int, *, kind: str) -> Iterator[Pair]:
        """`count` comments, each once with its own topic and once with another; `kind` is title, text or parent."""
        for _ in range(count):
            topic = self._one(self.topics)
            text = self._piece(self._one(self.by_topic[topic]))
            near = self.random.random() < 0.5 and self.neighbours[topic]
            other = self._one(near or tuple(name for name in self.topics if name != topic))
            yield self._pair(text, topic, kind, on_topic=True)
            yield self._pair(text, other, kind, on_topic=False)

    def _pair(self, text: str, topic: str, kind: str, *, on_topic: bool) -> Pair:
        others = [other for other in self.by_topic[topic] if text not in other]
        if kind == "parent":
            return Pair(text, on_topic, parent_text=self._piece(self._one(others)))
        if kind == "title":
            return Pair(text, on_topic, title=topic)
        chosen = self.random.choice(len(others), size=int(self.random.integers(1, MAX_PASSAGES + 1)), replace=False)
        return Pair(text, on_topic, title=topic, article_text="\n".join(others[i] for i in chosen))

    def _piece(self, text: str) -> str:
        words = text.split()
        if self.random.random() < 0.4 or len(words) < 5:
            return text
        length = int(self.random.integers(4, len(words) + 1))
        start = int(self.random.integers(0, len(words) - length + 1))
        return " ".join(words[start : start + length])

    def _one(self, choices: "tuple[str, ...] | list[str]") -> str:
        return choices[int(self.random.integers(len(choices)))]
