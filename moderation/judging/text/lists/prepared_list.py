"""A site's list of words and phrases, prepared for search: the cost depends on the comment's length, not on the
list's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

_STRETCH = re.compile(r"(.)\1{2}")
_REPEATED = re.compile(r"(.)\1+")


class WordReading(NamedTuple):
    """One way to read a word of a comment."""

    text: str
    skeleton: str  # the text without repeated letters; empty unless some letter occurs three times in a row

    @classmethod
    def of(cls, text: str) -> WordReading:
        """The reading of a word as it is written."""
        return cls(text, _REPEATED.sub(r"\1", text) if _STRETCH.search(text) else "")


@dataclass(slots=True)
class Index:
    """Words by their letters, and by their letters without repetition, for stretched words."""

    words: set[str] = field(default_factory=set)
    by_skeleton: dict[str, list[str]] = field(default_factory=dict)
    lengths: dict[str, set[int]] = field(default_factory=dict)  # of the words, by their first letter
    skeleton_lengths: set[int] = field(default_factory=set)

    def add(self, word: str) -> None:
        if word not in self.words:
            self.words.add(word)
            bare = _REPEATED.sub(r"\1", word)
            self.by_skeleton.setdefault(bare, []).append(word)
            self.lengths.setdefault(word[0], set()).add(len(word))
            self.skeleton_lengths.add(len(bare))

    def equal_to(self, reading: WordReading) -> Iterator[str]:
        """The listed words that a reading can be: a letter that it has three times or more counts as one or as two,
        since no English word has three."""
        if reading.text in self.words:
            yield reading.text
        if reading.skeleton:
            candidates = self.by_skeleton.get(reading.skeleton)
            letters = _runs(reading.text) if candidates else []
            for word in candidates or ():
                if word != reading.text and all(map(_may_be, _runs(word), letters)):
                    yield word

    def has(self, reading: WordReading) -> bool:
        """Whether a reading can be one of the listed words."""
        return reading.text in self.words or (bool(reading.skeleton) and any(self.equal_to(reading)))

    def begins(self, reading: WordReading) -> bool:
        """Whether the reading begins with one of the words."""
        lengths = self.lengths.get(reading.text[0], ())
        if any(reading.text[:length] in self.words for length in lengths):
            return True
        if not self.words or not reading.skeleton:
            return False
        started = [w for n in self.skeleton_lengths for w in self.by_skeleton.get(reading.skeleton[:n], ())]
        letters = _runs(reading.text) if started else []
        return any(_begins(_runs(word), letters) for word in started)


@dataclass(slots=True)
class Node:
    """The words that may follow at one place in listed phrases."""

    here: Index = field(default_factory=Index)
    ends: set[str] = field(default_factory=set)  # words that end a phrase
    onward: dict[str, Node] = field(default_factory=dict)  # words after which a phrase continues
    stems: Index = field(default_factory=Index)  # words with * behind them

    def may_start(self, readings: Iterable[WordReading]) -> bool:
        """Whether a phrase could begin with one of the readings."""
        here, stems = self.here, self.stems
        for reading in readings:  # a loop: a search asks it of each new word
            if reading.text in here.words or (reading.skeleton and here.has(reading)):
                return True
            if stems.words and stems.begins(reading):
                return True
        return False

    def add(self, words: Sequence[str], *, open_ended: bool) -> None:
        """Adds a phrase. With ``open_ended``, its last word may have any ending."""
        first, *rest = words
        if open_ended and not rest:
            self.stems.add(first)
            return
        self.here.add(first)
        if rest:
            self.onward.setdefault(first, Node()).add(rest, open_ended=open_ended)
        else:
            self.ends.add(first)


@dataclass(slots=True)
class Literals:
    """Signs, and words of scripts without spaces. They are found wherever they occur, the longest first."""

    entries: set[str] = field(default_factory=set)
    lengths: dict[str, list[int]] = field(default_factory=dict)  # lengths by first character, the longest first
    firsts: re.Pattern[str] | None = None

    def add(self, entry: str) -> None:
        self.entries.add(entry)
        own = self.lengths.setdefault(entry[0], [])
        if len(entry) not in own:
            own.append(len(entry))
            own.sort(reverse=True)

    def finish(self) -> None:
        """Call this after the last ``add`` and before ``places``."""
        self.firsts = re.compile("|".join(map(re.escape, self.lengths))) if self.lengths else None

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where entries occur in the text, in order and without overlaps."""
        end = 0
        for match in self.firsts.finditer(text) if self.firsts else ():
            start = match.start()
            lengths = self.lengths[match.group()] if start >= end else ()
            # The end of a text cuts the longer stretches short, so the entry that is found says where it ends.
            entry = next((cut for n in lengths if (cut := text[start : start + n]) in self.entries), "")
            if entry:
                end = start + len(entry)
                yield start, end


def at_fault(listed: Sequence[str], breaks: Callable[[Sequence[str]], bool]) -> Sequence[str]:
    """The entries of a list that breaks without which it would not. Leaves out ever smaller stretches as long as the
    rest still breaks: for two such entries, four tries for each halving of the list."""
    size = len(listed)
    while size > 1:
        size = (size + 1) // 2
        for start in range(len(listed) - 1 - (len(listed) - 1) % size, -1, -size):
            fewer = [*listed[:start], *listed[start + size :]]
            if fewer and breaks(fewer):
                listed = fewer
    return listed


def _runs(word: str) -> list[tuple[str, int]]:
    return [(letter, sum(1 for _ in run)) for letter, run in groupby(word)]


def _may_be(listed: tuple[str, int], written: tuple[str, int]) -> bool:
    return listed[1] == written[1] or (written[1] > 2 >= listed[1])


def _begins(listed: list[tuple[str, int]], written: list[tuple[str, int]]) -> bool:
    *before, last = listed
    return all(map(_may_be, before, written)) and last[1] <= written[len(before)][1]
