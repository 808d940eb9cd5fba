"""Cuts text into sentences and words. No other module decides where they end."""

from __future__ import annotations

import re

from moderation.judging.text.rewritten_text import Copy

UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Scripts without spaces between words, as a range for a pattern."""

LETTERS = re.compile(r"[^\W\d_]+")
WORD_OF_LETTERS = re.compile(r"[^\W\d_]++(?:['\u2019][^\W\d_]++)*+")
_ASCII_LETTERS = re.compile(r"[A-Za-z]+")  # the same, twice as fast
_ASCII_WORD_OF_LETTERS = re.compile(r"[A-Za-z]++(?:'[A-Za-z]++)*+")

# Possessive, and never tried from the middle of a run, so that each sign is read once, however long the run is.
_STOPS, _OTHER_STOPS = r".!?\u2026", r"\u3002\uff01\uff1f\u0964\u061f"
_SENTENCE_END = re.compile(  # begins with one set of signs: so the letters between are skipped fast
    rf"[{_STOPS}{_OTHER_STOPS}\n]"
    rf"(?:(?<=[{_STOPS}])(?<![{_STOPS}].)[{_STOPS}]*+[\"'\u201d\u2019)\]]*+(?=\s)"
    rf"|(?<=[{_OTHER_STOPS}])[{_OTHER_STOPS}]*+|(?<=\n)\n*+)\s*+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|vs|etc|e\.g|i\.e|no|prof|gen|sen|rep|gov|u\.s|u\.k)|\b[A-Z])\.$", re.IGNORECASE
)
_ABBREVIATION_CHARS = 8  # the longest abbreviation, its full stop, and enough before it to see a word begin
_WORD = re.compile(r"[^\W_]+(?:['\u2019\-][^\W_]+)*")


def sentences(text: str) -> list[tuple[int, int]]:
    """Stretches that cover the whole text. Each is a sentence with the space after it."""
    stretches, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        if not _is_abbreviated(text, start, end) and text[start : end.end()].strip():
            stretches.append((start, end.end()))
            start = end.end()
    if start < len(text):
        stretches.append((start, len(text)))
    return stretches


def _is_abbreviated(text: str, start: int, end: re.Match[str]) -> bool:
    at = end.start()
    if text[at] != "." or "\n" in end.group():
        return False
    return _ABBREVIATION.search(text[max(start, at - _ABBREVIATION_CHARS) : at + 1]) is not None


def runs_of_letters(text: str) -> list[str]:
    """The stretches of letters alone."""
    return (_ASCII_LETTERS if text.isascii() else LETTERS).findall(text)


def words_of_letters(text: str) -> list[str]:
    """The words without digits, with the apostrophes inside them."""
    return (_ASCII_WORD_OF_LETTERS if text.isascii() else WORD_OF_LETTERS).findall(text)


def words(text: str) -> list[tuple[int, int]]:
    """Stretches of letters and digits, with the apostrophes and hyphens inside them."""
    return [match.span() for match in _WORD.finditer(text)]


def words_of(copy: Copy, start: int, end: int) -> list[tuple[int, int]]:
    """The words of a stretch, by their positions in it.

    Words that come from one place in the original count as one, such as the words of an emoji's name.
    """
    places, seen = list[tuple[int, int]](), 0  # the position in the original that has been reached
    for begin, stop in words(copy.text[start:end]):
        first, last = copy.origin(start + begin, start + stop)
        if places and first < seen:
            places[-1] = (places[-1][0], stop)
        else:
            places.append((begin, stop))
        seen = last
    return places
