"""Scores whether a comment is about its article, or answers a comment that is.

Sentence vectors are compared with title, summary, passages, tags and parent, and calibrated so that 0.5 means as often
on topic as off. Greetings and short reactions are not judged. The nearest passage is always given as evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from cachetools import LRUCache

from moderation.ground.values.signals import Of, Span
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_cost import MOST_PIECES, pieces
from workers.scoring.encoder.passages import (
    ENGLISH,
    NO_ARTICLE,
    TOO_SHORT,
    Languages,
    Passage,
    content_words,
    is_reaction,
    passages_of,
    shared_words,
)
from workers.scoring.engines.onnx import Floats
from workers.scoring.relevance.text_vectors import WINDOW, TextVectors
from workers.scoring.relevance.words import straying_words

CACHED_ARTICLES = 512
QUOTE_CHARS = 300


class Topical(Protocol):
    """The fields of a comment that relevance reads; ``workers.scoring.scorable.Scorable`` has them."""

    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str | None: ...
    @property
    def article_language(self) -> str | None: ...
    @property
    def title(self) -> str | None: ...
    @property
    def summary(self) -> str | None: ...
    @property
    def article_text(self) -> str | None: ...
    @property
    def section(self) -> str | None: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def parent_text(self) -> str | None: ...
    @property
    def article_key(self) -> str | None: ...
    @property
    def reading(self) -> Reading: ...


@dataclass(frozen=True, slots=True)
class ArticleVectors:
    """An article for comparison with comments: unit vectors of the title and the passages, and its words."""

    passages: tuple[Passage, ...]  # the title first
    vectors: Floats  # (passages, dimensions)
    tags: Floats  # (0 or 1, dimensions)
    words: frozenset[str]
    titles: int  # how many of the passages are no prose: one, or none
    is_sample: bool = False  # of an article that is too long to be read whole

    @property
    def has_text(self) -> bool:
        """Whether there is a summary or a text besides the title."""
        return len(self.passages) > self.titles

    def cosines(self, vector: Floats) -> Floats:
        """With each passage: shape (passages,)."""
        return self.vectors @ vector if self.passages else np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class JudgedRelevance:
    """The relevance of one comment. Exactly one of ``value`` and ``abstained`` is set."""

    value: float | None
    abstained: str | None = None
    evidence: tuple[Span, ...] = ()


class Relevance:
    """Compares the vectors of one source. It keeps those of the most recent articles."""

    def __init__(self, source: TextVectors) -> None:
        self.source = source
        self.version = source.version
        self.languages = source.languages
        self.compares = source.compares
        self.space = source.space
        self._articles: LRUCache[object, ArticleVectors] = LRUCache(CACHED_ARTICLES)
        self._latest: dict[str, Floats] = {}

    def score(self, batch: Sequence[Topical]) -> list[JudgedRelevance]:
        """One judgement per comment, in order."""
        vectors, self._latest = self._vectors_of(batch, {})
        return [
            JudgedRelevance(None, reason_to_abstain(comment)) if i not in vectors else self._judge(comment, *vectors[i])
            for i, comment in enumerate(batch)
        ]

    def explain(self, batch: Sequence[Topical]) -> list[tuple[Span, ...]]:
        """For each comment the nearest passage, and the words that draw it away from there; nothing if it abstains.

        The vectors of the last call of ``score`` are used again.
        """
        vectors, _ = self._vectors_of(batch, self._latest)
        return [self._evidence(comment, *vectors[i]) if i in vectors else () for i, comment in enumerate(batch)]

    def comment_vectors(self, batch: Sequence[Topical]) -> list[Floats]:
        """The unit vector of each comment, of those without an article and of short reactions too.

        The comments of the last call of ``score`` that were judged are not read again.
        """
        texts = [comment.reading.folded.text for comment in batch]
        new = [text for text in dict.fromkeys(texts) if text not in self._latest]
        self._latest |= dict(zip(new, self.source.vectors(new), strict=True))
        return [self._latest[text] for text in texts]

    def features(self, comment: Topical, vector: Floats | None = None) -> Mapping[str, float]:
        """The numbers that calibration weighs, for fitting it. ``vector`` is the comment's own, if the caller has
        it."""
        article = self.article(comment)
        own = self.source.vectors([comment.text])[0] if vector is None else vector
        return self._features(comment.text, own, article, article.cosines(own), languages_of(comment))

    def _vectors_of(
        self, batch: Sequence[Topical], known: Mapping[str, Floats]
    ) -> tuple[dict[int, tuple[Floats, Floats | None]], dict[str, Floats]]:
        """The vectors of the comments that can be judged and of their parents, in one call of the model; and all of
        them by text."""
        asked = [(i, comment) for i, comment in enumerate(batch) if reason_to_abstain(comment) is None]
        own = {i: comment.reading.folded.text for i, comment in asked}
        parents = {i: comment.parent_text for i, comment in asked if comment.parent_text}
        texts = dict.fromkeys([*own.values(), *parents.values()])
        new = [text for text in texts if text not in known]
        vectors = {**known, **dict(zip(new, self.source.vectors(new, to_explain=True), strict=True))}
        return {i: (vectors[own[i]], vectors[parents[i]] if i in parents else None) for i, _ in asked}, vectors

    def _evidence(self, comment: Topical, vector: Floats, parent: Floats | None) -> tuple[Span, ...]:
        judged = self._judge(comment, vector, parent)
        passages = self._compared_with(comment, judged, parent)
        if passages is None:
            return judged.evidence
        nearest = passages[int(np.argmax(passages @ vector))]
        added = self.source.added(comment.reading, nearest)
        words = (
            straying_words(*added, self.article(comment).words, languages_of(comment)[:1]) if added is not None else ()
        )
        return (*judged.evidence, *words)

    def _compared_with(self, comment: Topical, judged: JudgedRelevance, parent: Floats | None) -> Floats | None:
        """The vectors that the value comes from: the parent's if it is inherited, else the article's."""
        article = self.article(comment)
        if not article.passages or (judged.evidence and judged.evidence[0].of is Of.PARENT):
            return None if parent is None else parent[np.newaxis]
        return article.vectors

    def _judge(self, comment: Topical, vector: Floats, parent: Floats | None) -> JudgedRelevance:
        article = self.article(comment)
        languages = languages_of(comment)
        value, evidence = self.against_article(comment.text, vector, article, languages)
        if parent is not None and comment.parent_text:
            alike = float(vector @ parent)
            inherited = self._inherited(alike, comment.parent_text, parent, article, languages)
            if inherited > value:
                whole = Span(0, len(comment.parent_text), weight(alike), Of.PARENT, comment.parent_text[:QUOTE_CHARS])
                return JudgedRelevance(inherited, None, (whole, *evidence))
        return JudgedRelevance(value, None, evidence)

    def against_article(
        self, text: str, vector: Floats, article: ArticleVectors, languages: Languages = ENGLISH
    ) -> tuple[float, tuple[Span, ...]]:
        """The probability that a text with this vector is about the article, and the nearest passage. ``languages`` are
        the text's and the article's."""
        kind, near = "text" if article.has_text else "title", article.cosines(vector)
        value = self.source.calibration_for(languages)[kind].probability(
            self._features(text, vector, article, near, languages)
        )
        return value, nearest(near, article)

    def _inherited(
        self, alike: float, text: str, parent: Floats, article: ArticleVectors, languages: Languages
    ) -> float:
        """The smaller of two probabilities: that the reply answers its parent, and that the parent is on topic."""
        answers = self.source.calibration_for(languages)["parent"].probability({"parent": alike})
        return min(answers, self.against_article(text, parent, article, languages)[0]) if article.passages else answers

    def _features(
        self, text: str, vector: Floats, article: ArticleVectors, near: Floats, languages: Languages
    ) -> Mapping[str, float]:
        of_text = np.sort(near[article.titles :])[::-1]
        return {
            "title": float(max([*near[: article.titles], *(article.tags @ vector)], default=0.0)),
            "passage": float(of_text[0]) if len(of_text) else 0.0,
            "passages": float(of_text[:3].mean()) if len(of_text) else 0.0,
            "names": shared_words(text, article.words, languages[:1]),
        }

    def article(self, comment: Topical) -> ArticleVectors:
        """The article of a comment; it is read once."""
        key: object = comment.article_key or (
            comment.title,
            comment.summary,
            comment.article_text,
            comment.section,
            comment.tags,
        )
        if (known := self._articles.get(key)) is not None:
            return known
        self._articles[key] = read = self._read_article(comment)
        return read

    def _read_article(self, comment: Topical) -> ArticleVectors:
        passages = passages_of(comment.title, comment.article_text, comment.summary)
        about = ", ".join(filter(None, (comment.section, *comment.tags)))
        windows = MOST_PIECES // WINDOW // max(1, len(passages) + bool(about))
        rows = self.source.vectors([*[p.text for p in passages], *([about] if about else [])], most=windows)
        whole = " ".join(filter(None, (comment.title, comment.summary, comment.article_text, about)))
        words = content_words(whole, languages_of(comment)[-1:])
        titles = sum(passage.of is Of.TITLE for passage in passages)
        prose = sum(passage.end - passage.start for passage in passages[titles:])
        is_sample = prose < len((comment.summary or "").strip() + (comment.article_text or "").strip()) or any(
            pieces(passage.text) > windows * WINDOW for passage in passages
        )
        return ArticleVectors(passages, rows[: len(passages)], rows[len(passages) :], words, titles, is_sample)


def reason_to_abstain(comment: Topical) -> str | None:
    """The reason why nobody can say whether the comment is on topic; None if one can."""
    with comment.reading.budget as budget:
        is_short = is_reaction(comment.text, languages_of(comment)[:1])
        budget.check()
    if is_short:
        return TOO_SHORT
    known = (comment.title, comment.summary, comment.article_text, comment.parent_text)
    return None if any(text and text.strip() for text in known) else NO_ARTICLE


def languages_of(comment: Topical) -> Languages:
    """The comment's and its article's. English where none is known."""
    return tuple(filter(None, (comment.language, comment.article_language or comment.language))) or ENGLISH


def nearest(cosines: Floats, article: ArticleVectors) -> tuple[Span, ...]:
    """The passage most like the comment, with its cosine as weight. The title only if it is nearer than any text."""
    if not article.passages:
        return ()
    at = int(cosines.argmax())
    passage = article.passages[at]
    quote = passage.text.strip()[:QUOTE_CHARS]
    return (Span(passage.start, passage.end, weight(float(cosines[at])), passage.of, quote),)


def weight(cosine: float) -> float:
    """The weight of a span from its cosine: opposite is as little evidence as unrelated."""
    return round(min(1.0, max(0.0, cosine)), 4)
