"""The language of each comment, and whether the toxicity weights know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cachetools import LRUCache

from moderation.model import Signal
from moderation.signals.model_signals import LANGUAGE_SUPPORTED
from workers.scoring.language import LanguageDetector
from workers.scoring.scorable import Evidence, Scorable, Unexplained
from workers.text.reading import read

KEPT_ARTICLES = 4096
ARTICLE_CHARS = 600  # enough to detect an article's language


class LanguageScorer:
    """``known`` are the languages of the toxicity weights, the main one first."""

    model = "language"
    names = (LANGUAGE_SUPPORTED.name,)

    def __init__(self, detector: LanguageDetector, known: tuple[str, ...]) -> None:
        self._detector, self._known = detector, known
        self._article_languages: LRUCache[str, str | None] = LRUCache(KEPT_ARTICLES)
        self.version = detector.version

    def with_language(self, one: Scorable) -> Scorable:
        """The comment with its language as an ISO 639 code: the one that the site gives, or the one detected in its
        text.

        A text too short for that has the article's language, or else the main one of the weights.
        """
        if one.language:
            return replace(one, language=self._detector.detect(one.text, given=one.language))
        likely = self._article_language(one) or self._known[0]
        return replace(one, language=self._detector.detect(read(one.text, one.budget).folded.text, likely=likely))

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        return [
            (Signal(LANGUAGE_SUPPORTED.name, float(one.language in self._known), f"lang:{one.language or 'und'}"),)
            for one in batch
        ]

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        """Gives no evidence: no single stretch of a text carries its language."""
        return [{} for _ in batch]

    def _article_language(self, one: Scorable) -> str | None:
        about = one.article_text or one.summary or one.title
        if not about:
            return None
        key = one.article_key or about[:ARTICLE_CHARS]
        if key not in self._article_languages:
            self._article_languages[key] = self._detector.detect(about[:ARTICLE_CHARS], likely=self._known[0])
        return self._article_languages[key]


def language_of(signals: Sequence[Signal]) -> str | None:
    """The language in which a comment was scored, from its signals; None if it is unknown."""
    source = next((s.source for s in signals if s.name == LANGUAGE_SUPPORTED.name), "")
    language = source.removeprefix("lang:")
    return None if language in ("", "und") else language
