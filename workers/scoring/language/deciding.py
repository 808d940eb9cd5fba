"""The languages of each comment, and how far the toxicity weights are trusted in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cachetools import LRUCache

from moderation.ground.values.signals import Signal
from moderation.judging.signals.language import LanguageStanding, language_signal, languages_of, least
from moderation.judging.signals.model_signals import LANGUAGE_SUPPORTED
from moderation.judging.text.language_names import base_code
from moderation.judging.text.languages.foreign_lists import ENGLISH
from workers.scoring.language.detecting import (
    LanguageDetector,
    Likely,
    are_kin,
    may_not_be_english,
    prose_of,
    script_of,
)
from workers.scoring.language.other_languages import parts_in_other_languages
from workers.scoring.scorable import Evidence, ForeignPart, Scorable, Unexplained

KEPT_ARTICLES = 4096
KEPT_COMMENTS = 256  # a batch is scored first, and then explained
ARTICLE_CHARS = 600  # enough to detect an article's language


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a comment, and the parts that are in another one than the main one."""

    main: str | None
    others: tuple[str, ...]
    parts: tuple[ForeignPart, ...]


class LanguageScorer:
    """``standings`` are by language, the main one of the weights first."""

    names = (LANGUAGE_SUPPORTED.name,)

    def __init__(self, detector: LanguageDetector, standings: Mapping[str, LanguageStanding]) -> None:
        self._detector, self.standings = detector, standings
        self._main = Likely(next(iter(standings)))
        # To detect a language takes 0.2 ms, measured: once for each article, and once for scores, vectors and evidence
        self._articles: LRUCache[object, Likely] = LRUCache(KEPT_ARTICLES)
        self._comments: LRUCache[object, Languages] = LRUCache(KEPT_COMMENTS)
        self.models = {"language": detector.version}

    def with_language(self, comment: Scorable) -> Scorable:
        """The comment with its languages as ISO 639 codes: the one that the site gives, or the one detected in its
        text, and others that the text or a part of it is in.

        A text too short to detect has the article's language, or else the main one of the weights. Without an article
        it has none if that is English and its words may not be.
        """
        article = self._article(comment)
        key = (comment.text, comment.language, article)
        languages = self._comments.get(key)
        if languages is None:
            self._comments[key] = languages = self._languages(comment, article)
        return replace(
            comment,
            language=languages.main,
            other_languages=languages.others,
            parts=languages.parts,
            article_language=article.language if article else None,
        )

    def _languages(self, comment: Scorable, article: Likely | None) -> Languages:
        folded = comment.reading.folded
        given = self._detector.detect(folded.text, given=comment.language) if comment.language else None
        likely = Likely(given) if given else article or self._main
        seen = self._detector.detect(folded.text, likely=likely)
        main = given or seen
        home = seen or likely.language
        parts = parts_in_other_languages(self._detector, folded.text, home, comment.budget)
        codes = dict.fromkeys((seen, *(part.language for part in parts)))
        others = [code for code in codes if code and not are_kin(code, main or home)]
        noted = {main, *others}
        if main == ENGLISH and not (given or article or others) and may_not_be_english(prose_of(folded.text)):
            main = None
        places = (ForeignPart(p.language, *folded.origin(p.start, p.end)) for p in parts if p.language in noted)
        return Languages(main, tuple(others), tuple(places))

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        return [(self._signal(comment),) for comment in batch]

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        """Gives no evidence: no single stretch of a text carries its language."""
        return [{} for _ in batch]

    def _signal(self, comment: Scorable) -> Signal:
        standings = [self.standings.get(language or "", LanguageStanding.UNKNOWN) for language in comment.languages]
        return language_signal(comment.languages, least(standings))

    def _article(self, comment: Scorable) -> Likely | None:
        """The article's language and script."""
        about = comment.article_text or comment.summary or comment.title or ""
        about = about[:ARTICLE_CHARS]
        if not about and not comment.article_language:
            return None
        key = (comment.article_key or about, comment.article_language)
        likely = self._articles.get(key)
        if likely is None:
            detected = None if comment.article_language else self._detector.detect(about, likely=self._main)
            language = base_code(comment.article_language or detected or self._main.language)
            self._articles[key] = likely = Likely(language, script_of(about))
        return likely


def language_of(signals: Sequence[Signal]) -> str | None:
    """The main language in which a comment was scored, from its signals; None if it is unknown."""
    signal = next((s for s in signals if s.name == LANGUAGE_SUPPORTED.name), None)
    return next(iter(languages_of(signal)), None) if signal else None
