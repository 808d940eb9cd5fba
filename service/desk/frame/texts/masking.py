"""The words of a comment that the desk hides until somebody asks for them.

These are the slurs and obscene words of the lists that come with Gavel, and of the words that the evidence marks,
insults and words in disguise. Words for a group of people, names and ordinary words stay: hidden, they would take the
sense away and make a slur of a word that is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from moderation.text.letters.folding import searched
from moderation.text.lists.shipped_lists import entries
from moderation.text.reading import Reading
from moderation.values.signals import Span

WORDS = Path(__file__).parent / "words"
LONGEST_CHARS = 60  # a sentence is marked as evidence, but one that is hidden cannot be judged
ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ers", "ly", "y")

_SPACED_OUT = re.compile(r"\w(?:[ .*_-]\w)+")
_TOKEN = re.compile(r"[^\s,;:!?\"“”„«»()\[\]…]+")
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?\n])\W*\Z")


def hidden(text: str, evidence: Sequence[Span]) -> list[Span]:
    """The stretches to hide: listed words, and the words of the evidence that are to be hidden, wherever and however
    the text repeats them."""
    found = [each for span in evidence for each in _in_span(text, span)]
    words = {text[start:end] for start, end in found}
    spelled = tuple(sorted({searched(word)[0].text.strip("'’-") for word in words} - {""}))
    reading = Reading(text)
    return [Span(start, end) for start, end in [*found, *reading.uses_of(spelled), *reading.uses_of(entries())]]


def _in_span(text: str, span: Span) -> Iterator[tuple[int, int]]:
    stretch = text[span.start : span.end]
    if len(stretch) > LONGEST_CHARS:
        return
    copy = searched(stretch)[0]
    if _SPACED_OUT.fullmatch(copy.text.strip()):
        yield span.start, span.end
        return
    for match in _TOKEN.finditer(copy.text):
        start, end = copy.origin(*match.span())
        at = span.start + start
        if _is_hidden(match.group().strip(".'’")) and not _is_name(text, at, stretch[start:end]):
            yield at, span.start + end


def _is_hidden(word: str) -> bool:
    """``word`` is folded and in lower case."""
    if word in _words("insults.en.txt"):
        return True
    if "-" in word:
        return any(map(_is_hidden, word.split("-")))
    plain = re.split(r"['’]", word)[0]
    return any(map(str.isalpha, plain)) and not _is_known(plain)


def _is_known(word: str) -> bool:
    stems = [word.removesuffix(ending) for ending in ENDINGS if word.endswith(ending)]
    forms = [word, *(form for stem in stems for form in (stem, stem + "e"))]
    if any(form in _words("insults.en.txt") for form in forms):
        return False
    return any(form in _words(file) for form in forms for file in ("ordinary.en.txt", "groups.txt"))


def _is_name(text: str, at: int, word: str) -> bool:
    """Whether it is written as a name: with a capital, where no sentence begins."""
    is_capitalised = word.isalpha() and word[:1].isupper() and word[1:].islower()
    is_insult = searched(word)[0].text in _words("insults.en.txt")
    return is_capitalised and not is_insult and not _SENTENCE_BEGINS.search(text[max(0, at - 9) : at])


@cache  # reading a list takes 10 ms, measured
def _words(file: str) -> frozenset[str]:
    lines = (WORDS / file).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
