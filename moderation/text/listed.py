"""A site's list of words and phrases, made ready for search: a comment costs its own length and not the list's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

_STRETCH = re.compile(r"(.)\1{2}")
_REPEATED = re.compile(r"(.)\1+")


class Reading(NamedTuple):
    """One way to read a word of a comment."""

    text: str
    skeleton: str  # the text without repeated letters; empty where no letter occurs three times in a row

    @classmethod
    def of(cls, text: str) -> Reading:
        return cls(text, _REPEATED.sub(r"\1", text) if _STRETCH.search(text) else "")


@dataclass(slots=True)
class Index:
    """Words by their letters, and by the same without repetition: those that a stretched word may stand for."""

    words: set[str] = field(default_factory=set)
    by_skeleton: dict[str, list[str]] = field(default_factory=dict)
    lengths: set[int] = field(default_factory=set)  # of the words
    skeleton_lengths: set[int] = field(default_factory=set)

    def add(self, word: str) -> None:
        if word not in self.words:
            self.words.add(word)
            bare = _REPEATED.sub(r"\1", word)
            self.by_skeleton.setdefault(bare, []).append(word)
            self.lengths.add(len(word))
            self.skeleton_lengths.add(len(bare))

    def equal_to(self, reading: Reading) -> Iterator[str]:
        """The words that a reading is, once each letter that it has three times or more is taken as one or as two: no
        English word has three."""
        if reading.text in self.words:
            yield reading.text
        if reading.skeleton:
            candidates = self.by_skeleton.get(reading.skeleton)
            letters = _runs(reading.text) if candidates else []
            for word in candidates or ():
                if word != reading.text and all(map(_may_be, _runs(word), letters)):
                    yield word

    def begins(self, reading: Reading) -> bool:
        """Whether any word begins the reading."""
        if any(reading.text[:length] in self.words for length in self.lengths):
            return True
        if not self.words or not reading.skeleton:
            return False
        started = [w for n in self.skeleton_lengths for w in self.by_skeleton.get(reading.skeleton[:n], ())]
        letters = _runs(reading.text) if started else []
        return any(_begins(_runs(word), letters) for word in started)


@dataclass(slots=True)
class Node:
    """The words that may follow at one place of a listed phrase."""

    here: Index = field(default_factory=Index)
    ends: set[str] = field(default_factory=set)  # those with which a phrase ends
    onward: dict[str, Node] = field(default_factory=dict)  # and those with which one goes on
    stems: Index = field(default_factory=Index)  # with * behind them

    def may_start(self, readings: Iterable[Reading]) -> bool:
        return any(self.stems.begins(r) or next(self.here.equal_to(r), None) is not None for r in readings)

    def add(self, words: Sequence[str], *, open_ended: bool) -> None:
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
    """Signs, and words of scripts that put no space between words: found wherever they occur, the longest first."""

    entries: set[str] = field(default_factory=set)
    lengths: dict[str, list[int]] = field(default_factory=dict)  # by first character, the longest first
    firsts: re.Pattern[str] | None = None

    def add(self, entry: str) -> None:
        self.entries.add(entry)
        own = self.lengths.setdefault(entry[0], [])
        if len(entry) not in own:
            own.append(len(entry))
            own.sort(reverse=True)

    def finish(self) -> None:
        self.firsts = re.compile("|".join(map(re.escape, self.lengths))) if self.lengths else None

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        end = 0
        for found in self.firsts.finditer(text) if self.firsts else ():
            start = found.start()
            lengths = self.lengths[found.group()] if start >= end else ()
            length = next((n for n in lengths if text[start : start + n] in self.entries), 0)
            if length:
                end = start + length
                yield start, end


def _runs(word: str) -> list[tuple[str, int]]:
    return [(letter, sum(1 for _ in run)) for letter, run in groupby(word)]


def _may_be(listed: tuple[str, int], written: tuple[str, int]) -> bool:
    return listed[1] == written[1] or (written[1] > 2 >= listed[1])


def _begins(listed: list[tuple[str, int]], written: list[tuple[str, int]]) -> bool:
    *before, last = listed
    return all(map(_may_be, before, written)) and last[1] <= written[len(before)][1]
