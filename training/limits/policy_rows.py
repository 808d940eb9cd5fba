"""Comments as the whole default policy sees them: a fair sample, those that a newspaper published, and toxic ones."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moderation.ground.values.articles import Article, ArticleState
from moderation.ground.values.authors import Author
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.policy.default import default_policy
from moderation.judging.signals.model_signals import SPAM
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text import groups
from moderation.judging.text.reading import Reading
from training.rows.dataset import Floats
from training.rows.news import NATURAL_MIX, NEWS_VALID, PUBLISHED, news_rows
from training.rows.panel import read_mix
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer
from workers.scoring.spam.scorer import SpamScorer

MIX, PAPER, WIDER = "natural mix", "published", "wider"
RULES = tuple(name for name, spec in SIGNALS.items() if spec.default_limit is not None and spec.worse == "high")
"""The signals with a default limit at the upper end. Relevance abstains without an article."""

AGREED_TOXIC, AGREED_CIVIL = "toxic to crowd and readings", "civil to crowd and readings"
CAUGHT = (AGREED_TOXIC, AGREED_TOXIC, "plainly toxic, wider", "plainly toxic, wider, that name a group")
"""Each counts as often as its name is here: one vote of the crowd in four is wrong about a toxic comment,
and the wider ones were chosen by plain words."""

FEWEST_OF_GROUP = 30
SURE = 1.645
"""Of single groups there are 35 to 115 comments: too few to tell 3 from 5 %. So the budget of one is that from which on
it is surely held more often than the wish, one-sided at 95 %; that of all together is the wish itself."""

FIELDS = ("kind", "toxicity", "agreed", "values")
CIVIL_TO, PLAIN_FROM = 0.2, 0.8
AT_ONCE = 256
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
KNOWN = Author("", "", "", None, published=10)
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Wish:
    """Shares that may be held: of published comments, of those in the mix that crowd and readings call civil, of those
    that the crowd does, and of the first two that name a group."""

    published: float = 0.025
    civil: float = 0.02
    crowd: float = 0.03
    group: float = 0.03


@dataclass(frozen=True, slots=True)
class Read:
    """Comments with the values of the rules' signals, shape (texts, rules), -1 where a signal abstains."""

    kind: NDArray[np.str_]
    toxicity: Floats  # NaN of published ones
    agreed: NDArray[np.str_]  # "toxic" or "civil" where crowd and readings say so
    values: Floats
    groups: Mapping[str, Mask]

    @property
    def parts(self) -> dict[str, Mask]:
        """The rows that a budget is about, or that are caught."""
        civil, plain = self.toxicity <= CIVIL_TO + 1e-6, self.toxicity >= PLAIN_FROM - 1e-6
        in_mix = self.kind == MIX
        return {
            "published": self.kind == PAPER,
            AGREED_CIVIL: in_mix & (self.agreed == "civil"),
            AGREED_TOXIC: in_mix & (self.agreed == "toxic"),
            "civil in the natural mix": in_mix & civil,
            "toxic in the natural mix": in_mix & (self.toxicity >= 0.5),
            "plainly toxic, wider": (self.kind == WIDER) & plain,
            "plainly toxic, wider, that name a group": (self.kind == WIDER) & plain & self.names_group,
        }

    @property
    def names_group(self) -> Mask:
        return np.asarray(np.any(list(self.groups.values()), axis=0))

    def budgets(self, wish: Wish) -> Iterator[tuple[str, Mask, float]]:
        """Name, rows and the share of them that may be held."""
        parts = self.parts
        yield "published", parts["published"], wish.published
        yield AGREED_CIVIL, parts[AGREED_CIVIL], wish.civil
        yield "civil in the natural mix", parts["civil in the natural mix"], wish.crowd
        harmless = parts["published"] | parts[AGREED_CIVIL]
        yield "any group", harmless & self.names_group, wish.group
        for name, mask in self.groups.items():
            if (own := harmless & mask).sum() >= FEWEST_OF_GROUP:
                yield name, own, wish.group + SURE * np.sqrt(wish.group * (1 - wish.group) / own.sum())

    def fired(self, limits: Mapping[str, float]) -> NDArray[np.bool_]:
        """Shape (texts, rules)."""
        edges = np.asarray([limits.get(name, np.inf) for name in RULES], dtype=np.float32)
        return np.asarray(self.values >= edges)

    def held(self, limits: Mapping[str, float]) -> Mask:
        return np.asarray(self.fired(limits).any(axis=1))

    def worth(self, limits: Mapping[str, float]) -> float:
        """The mean of the shares caught of the kinds in ``CAUGHT``."""
        return float(self.worths(self.held(limits)[:, np.newaxis])[0])

    def worths(self, held: Mask) -> Floats:
        """The same of several choices, shape (texts, choices)."""
        parts = self.parts
        caught = [parts[name] for name in CAUGHT]
        return np.asarray(np.mean([held[mask].mean(axis=0) for mask in caught], axis=0), dtype=np.float32)


def read_comments(data: Path, models: Path | None) -> Read:
    """Scores all comments as the workers do."""
    texts, kinds, toxicity = list[str](), list[str](), list[float]()
    mixed = read_mix(data)
    agreed = dict(zip(mixed.texts, mixed.agreed.tolist(), strict=True))
    for kind, file in ((MIX, NATURAL_MIX), (WIDER, NEWS_VALID)):
        rows = news_rows(data / file)
        kept = [i for i, value in enumerate(rows.labels[:, 0]) if kind == MIX or value >= PLAIN_FROM - 1e-6]
        texts += [rows.texts[i] for i in kept]
        toxicity += [float(rows.labels[i, 0]) for i in kept]
        kinds += [kind] * len(kept)
    with gzip.open(data / PUBLISHED, "rt", encoding="utf-8", newline="") as lines:
        published = [row["text"] for row in csv.DictReader(lines)]
    texts += published
    toxicity += [float("nan")] * len(published)
    kinds += [PAPER] * len(published)
    values = values_of(texts, Scorer.load(models_dir=models))
    known = np.asarray([agreed.get(text, "") for text in texts])
    return Read(np.asarray(kinds), np.asarray(toxicity, dtype=np.float32), known, values, mentions(texts))


def values_of(texts: Sequence[str], scorer: Scorer) -> Floats:
    """Shape (texts, rules)."""
    values = np.full((len(texts), len(RULES)), -1.0, dtype=np.float32)
    for at in range(0, len(texts), AT_ONCE):
        part = texts[at : at + AT_ONCE]
        for row, (text, signals) in enumerate(zip(part, scorer.score([Scorable(said) for said in part]), strict=True)):
            by_name = {signal.name: signal.value for signal in signals}
            for column, name in enumerate(RULES):
                spec = SIGNALS[name]
                value = spec.measure(_comment(text)).value if spec.measure is not None else by_name.get(name)
                values[at + row, column] = -1.0 if value is None else value
    return values


def held_by_rules(texts: Sequence[tuple[str, str]], spam: SpamScorer) -> list[bool]:
    """Whether the default policy holds each text, given with its language, whatever its toxicity."""
    scores = spam.score([Scorable(text, language=language) for text, language in texts])
    return [_is_held(_comment(*pair), own[0].value) for pair, own in zip(texts, scores, strict=True)]


def _is_held(comment: CommentToScore, spam: float | None) -> bool:
    measured = {spec.name: spec.measure(comment).value for name in RULES if (spec := SIGNALS[name]).measure is not None}
    values = {**measured, SPAM.name: spam}
    return any(value is not None and value >= _edge(name) for name, value in values.items())


def _edge(name: str) -> float:
    limit = SIGNALS[name].default_limit
    assert limit is not None
    return limit


def _comment(text: str, language: str = "en") -> CommentToScore:
    comment = Comment("", "", "", "", "", None, text, language, CommentStatus.WAITING, 1, NEVER, NEVER, NEVER)
    article = Article("", "", "", None, None, None, None, (), language, ArticleState.OPEN)
    return CommentToScore(comment, article, KNOWN, None, default_policy(), Reading(text))


def mentions(texts: Sequence[str]) -> dict[str, Mask]:
    """Which of the texts name which group, in English."""
    words = groups.lexicon("en")
    named = [frozenset(groups.mentioned(Reading(text), words)) for text in texts]
    return {group: np.asarray([group in of_text for of_text in named]) for group in words}


def save(read: Read, path: Path) -> None:
    arrays: dict[str, Any] = {name: getattr(read, name) for name in FIELDS} | dict(read.groups)
    np.savez_compressed(path, **arrays)


def kept(path: Path) -> Read:
    """Reads the rows that ``save`` wrote."""
    with np.load(path) as file:
        known = {name: file[name] for name in file.files}
    fields = {name: known.pop(name) for name in FIELDS}
    return Read(**fields, groups=known)
