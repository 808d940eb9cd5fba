"""Cuts articles into passages, and finds comments that are too short to be on or off topic. Plain text only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from unicodedata import normalize

from moderation.ground.values.signals import Of
from moderation.judging.text.splitting import runs_of_letters, sentences
from moderation.judging.text.word_lists import has_word_list, word_list
from workers.scoring.encoder.windows import spread

PASSAGE_CHARS, LONGEST_PASSAGE_CHARS = 400, 520
"""Of prose, the longest about fills a window of 128 pieces."""

SHORT_PASSAGE_CHARS = 320
"""So many are in one at least, since sentences are not cut."""

MAX_PASSAGES = 18
"""Of an article, beside its title and its tags: 20 windows are the most that an article may cost."""

MIN_CONTENT_WORDS = 3
SHORT, SHORT_HANGUL = 25, 10
"""A comment of two content words is too short to be judged if it has fewer characters. A syllable of Hangul is one."""

Languages = tuple[str, ...]
"""ISO 639 codes. Words of the lists of all of them count."""

ENGLISH = ("en",)
ROMANIAN, TURKISH = "ro", "tr"
HANGUL = re.compile("[\uac00-\ud7a3]")
LAUGHTER = re.compile("[\u3131-\u3163]+")  # single letters of Hangul, as many as a reader likes
DECOMPOSED = re.compile("[^\\W\\d_][\u0300-\u036f]{1,3}|[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")
"""A letter with its marks, or a syllable of Hangul in its letters. Longer runs of marks would take time that grows with
the square of their number."""

ENDINGS = ("ing", "ed", "es", "s")
WITH_COMMA = str.maketrans("şţ", "șț")

TOO_SHORT = "too short"
NO_ARTICLE = "no article text or title"
ABOUT_THE_SITE = "about moderation or this site"


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the title, the summary or the text of an article."""

    of: Of
    start: int
    end: int
    text: str


def passages_of(title: str | None, text: str | None, summary: str | None = None) -> tuple[Passage, ...]:
    """The title, then runs of sentences from summary and text. A longer article has longer passages, so no words are
    lost; of one that is too long even so, there is a sample, with the first and the last."""
    titles = [Passage(Of.TITLE, 0, len(title), title)] if title and title.strip() else []
    is_long = len(text or "") + len(summary or "") > MAX_PASSAGES * SHORT_PASSAGE_CHARS
    size = LONGEST_PASSAGE_CHARS if is_long else PASSAGE_CHARS
    prose = [*_runs_of(Of.SUMMARY, summary, size), *_runs_of(Of.ARTICLE, text, size)]
    return (*titles, *spread(prose, MAX_PASSAGES))


def _runs_of(of: Of, text: str | None, size: int) -> Iterator[Passage]:
    if text and text.strip():
        for start, end in runs(text, size):
            yield Passage(of, start, end, text[start:end])


def runs(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Stretches of whole sentences that cover the text, each of about ``size`` characters and at most twice that."""
    begin = at = 0
    for _, end in sentences(text):
        if at > begin and end - begin > size:
            yield begin, at
            begin = at
        at = end
        while at - begin > 2 * size:
            yield begin, begin + size
            begin += size
    if at > begin:
        yield begin, at


def content_words(text: str, languages: Languages = ENGLISH) -> frozenset[str]:
    """Words about the topic of a text, roughly stemmed. Function words of the languages count as none."""
    return frozenset(filter(_is_word, map(_stem, _words(text, languages).difference(*_listed("function", languages)))))


def shared_words(text: str, article: frozenset[str], languages: Languages = ENGLISH) -> float:
    """The share of a comment's content words that the article has; 0 if the comment has none."""
    own = content_words(text, languages)
    return len(own & article) / len(own) if own else 0.0


def is_reaction(text: str, languages: Languages = ENGLISH) -> bool:
    """Whether a comment is a greeting or a short reaction, which says nothing about its topic."""
    telling = _words(text, languages).difference(*_listed("function", languages), *_listed("reactions", languages))
    left = (word for word in telling if _is_word(word) and not LAUGHTER.fullmatch(word))
    own = sum(1 for _ in islice(left, MIN_CONTENT_WORDS))
    if own == MIN_CONTENT_WORDS:
        return False
    return own < 2 or len(text) < (SHORT_HANGUL if HANGUL.search(text) else SHORT)


def _words(text: str, languages: Languages) -> set[str]:
    """In small letters and composed, as the lists have them. Readers write Romanian with cedillas, too."""
    composed = text if text.isascii() else DECOMPOSED.sub(lambda match: normalize("NFC", match[0]), text)
    if TURKISH in languages:
        composed = composed.replace("I", "ı")
    small = composed.replace("İ", "i").lower()
    return set(runs_of_letters(small.translate(WITH_COMMA) if ROMANIAN in languages else small))


def _is_word(word: str) -> bool:
    """Single letters are none; a syllable of Hangul may be a noun."""
    return len(word) > 1 or HANGUL.match(word) is not None


def _listed(kind: str, languages: Languages) -> list[frozenset[str]]:
    """The list of each of the languages that has one."""
    return [word_list(name) for name in (f"{kind}/{code}" for code in languages) if has_word_list(name)]


def _stem(word: str) -> str:
    if not word.endswith(ENDINGS):
        return word
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
