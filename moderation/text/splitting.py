"""Cuts text into sentences and words: the one place that says where they end."""

from __future__ import annotations

import re

from moderation.text.copies import Copy

UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Scripts that put no space between words, as a range of a pattern."""

LETTERS = re.compile(r"[^\W\d_]+")

# Possessive, and never tried from the middle of a run: each sign is looked at once, however many follow each other.
_SENTENCE_END = re.compile(
    r"(?:(?<![.!?\u2026])[.!?\u2026]++[\"'\u201d\u2019)\]]*+(?=\s)|[\u3002\uff01\uff1f\u0964\u061f]++|\n++)\s*+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|vs|etc|e\.g|i\.e|no|prof|gen|sen|rep|gov|u\.s|u\.k)|\b[A-Z])\.$", re.IGNORECASE
)
_ABBREVIATION_CHARS = 8  # the longest abbreviation, its full stop, and enough before it to see that a word begins there
_WORD = re.compile(r"[^\W_]+(?:['\u2019\-][^\W_]+)*")


def sentences(text: str) -> list[tuple[int, int]]:
    """Stretches that cover the whole text, each a sentence with the space after it."""
    found, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        if not _is_abbreviated(text, start, end) and text[start : end.end()].strip():
            found.append((start, end.end()))
            start = end.end()
    if start < len(text):
        found.append((start, len(text)))
    return found


def _is_abbreviated(text: str, start: int, end: re.Match[str]) -> bool:
    at = end.start()
    if text[at] != "." or "\n" in end.group():
        return False
    return _ABBREVIATION.search(text[max(start, at - _ABBREVIATION_CHARS) : at + 1]) is not None


def words(text: str) -> list[tuple[int, int]]:
    """Stretches of letters and digits, apostrophes and hyphens inside them included."""
    return [match.span() for match in _WORD.finditer(text)]


def words_of(copy: Copy, start: int, end: int) -> list[tuple[int, int]]:
    """The words of a stretch, counted from its start.

    Those that stand for the same place of the original, as all words of an emoji's name do, are one.
    """
    found, seen = list[tuple[int, int]](), 0  # how far into the original
    for begin, stop in words(copy.text[start:end]):
        first, last = copy.origin(start + begin, start + stop)
        if found and first < seen:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((begin, stop))
        seen = last
    return found
