"""Cuts articles into passages, and finds comments that are too short to be on or off topic. Plain text only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from moderation.model.signals import Of
from moderation.text.splitting import LETTERS, sentences
from workers.text.word_lists import word_list

PASSAGE_CHARS = 400
MAX_PASSAGES = 48
MIN_CONTENT_WORDS = 3

TOO_SHORT = "too short"
NO_ARTICLE = "no article text or title"


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the title, the summary or the text of an article."""

    of: Of
    start: int
    end: int
    text: str


def passages_of(title: str | None, text: str | None, summary: str | None = None) -> tuple[Passage, ...]:
    """The title, then runs of sentences from summary and text. A longer article has longer passages, so no words are
    lost."""
    found = [Passage(Of.TITLE, 0, len(title), title)] if title and title.strip() else []
    return (*found, *_runs_of(Of.SUMMARY, summary), *_runs_of(Of.ARTICLE, text))


def _runs_of(of: Of, text: str | None) -> Iterator[Passage]:
    if text and text.strip():
        size = max(PASSAGE_CHARS, len(text) // MAX_PASSAGES + 1)
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


def content_words(text: str) -> frozenset[str]:
    """Words about the topic of a text, roughly stemmed."""
    found = {_stem(w) for w in LETTERS.findall(text.lower()) if w not in word_list("function/en")}
    return frozenset(w for w in found if len(w) > 1)


def shared_words(text: str, article: frozenset[str]) -> float:
    """The share of a comment's content words that the article has; 0 if the comment has none."""
    own = content_words(text)
    return len(own & article) / len(own) if own else 0.0


def is_reaction(text: str) -> bool:
    """Whether a comment is a greeting or a short reaction, which says nothing about its topic."""
    own = {w for w in LETTERS.findall(text.lower()) if w not in _empty_words() and len(w) > 1}
    return len(own) < MIN_CONTENT_WORDS and (len(own) < 2 or len(text) < 25)


@cache
def _empty_words() -> frozenset[str]:
    return word_list("function/en") | word_list("reactions")


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
