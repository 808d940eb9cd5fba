"""Finds a site's listed words in a comment: whole words and phrases, through the usual disguises, and never as a part
of a longer innocent word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import partial

from moderation.ground.errors import FAULTS
from moderation.judging.text.letters.folding import searched
from moderation.judging.text.lists.cutting import (
    LETTER,
    PLAIN,
    WITH_SYMBOLS,
    CutCopy,
    CutWords,
    Searchable,
    cut,
    words_at,
)
from moderation.judging.text.lists.prepared_list import Literals, Node, at_fault
from moderation.judging.text.lists.remembered import Remembered, readings, signs_as_letters
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from moderation.judging.text.splitting import UNSPACED

MAX_PHRASE_GAP = 4  # characters between the words of a phrase
MOST_PREPARED = 512  # lists: those of sites, and such as the words that one page masks
MOST_NAMED = 5  # entries, in the note of an error

_UNSPACED = re.compile(f"[{UNSPACED}]")
_NOT_IN_WORDS = re.compile(rf"(?!{LETTER}|[\s'’@$-]).")
_BREAKS_PHRASE = re.compile(r"[.!?;:\n]")


Place = tuple[int, int]


@dataclass(slots=True)
class WordList:
    """A list prepared for search. Of each phrase its longest word is looked for first: "the" and "my" begin many
    phrases and are in nearly every text, "subscription" is in few."""

    longest: Remembered = field(default_factory=Remembered)
    first: Remembered = field(default_factory=Remembered)
    literals: Literals = field(default_factory=Literals)

    def add(self, phrase: Sequence[str], *, open_ended: bool) -> None:
        """With ``open_ended``, its last word may have any ending."""
        at = max(range(len(phrase)), key=lambda place: (len(phrase[place]), place))
        self.longest.node.add([phrase[at]], open_ended=open_ended and at == len(phrase) - 1)
        self.first.node.add(phrase, open_ended=open_ended)

    def beginning(self, words: Set[str], budget: Budget) -> set[str]:
        """The words of a text with which a phrase in it may begin. Raises TooCostly."""
        return self.first.among(words, budget) if self.longest.among(words, budget) else set()


def find_words(text: str, listed: tuple[str, ...]) -> tuple[Place, ...]:
    """As ``uses_in``, of a text in which only this list is searched."""
    return uses_in(tuple(map(cut, searched(text))), listed) if listed else ()


def uses_in(text: Searchable, listed: tuple[str, ...], budget: Budget = UNLIMITED) -> tuple[Place, ...]:
    """The positions of each use of a listed word, in order and without overlaps; the longest phrase wins.

    It sees through case, full-width letters, invisible characters, look-alikes, digits and signs in place of letters,
    letters stretched to three or more, and letters spaced out one by one. A ``*`` at the end of an entry allows any
    ending. Raises TooCostly. If the search breaks, the error has a note that names the entries.
    """
    if not listed:
        return ()
    try:
        return _found(text, _prepared(listed, budget), budget)
    except FAULTS as e:
        e.add_note(f"searching for {', '.join(map(repr, at_fault(listed, partial(_breaks, text))[:MOST_NAMED]))}")
        raise


def _found(text: Searchable, words: WordList, budget: Budget = UNLIMITED) -> tuple[Place, ...]:
    spans = {
        version.copy.origin(start, end)
        for version in text
        for places in (_phrases(version, words, budget), words.literals.places(version.copy.text))
        for start, end in places
    }
    kept: list[Place] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)


def _breaks(text: Searchable, listed: Sequence[str]) -> bool:
    try:
        _found(text, _prepare(tuple(listed)))
    except FAULTS:
        return True
    return False


def distinct_words(text: Searchable) -> set[str]:
    """Every word of the text that a search looks up, in the letters in which it does so."""
    words: set[str] = set()
    for version in text:
        words.update(*(cut.distinct for cut in version.cuts), (word for word, _ in version.spaced_out))
    return words


def telling_words(words: Iterable[str], listed: tuple[str, ...]) -> set[str] | None:
    """The words among ``distinct_words`` of which every use of the list has one: a text without any of them uses no
    listed word. None: the list has signs, or words of scripts without spaces, which are found by no word."""
    prepared = _prepared(listed)
    if prepared.literals.entries:
        return None
    return prepared.longest.among(set(words))


def is_searchable(entry: str) -> bool:
    """Whether a search for the entry could find anything: hyphens and invisible characters alone could not be found."""
    return any(re.search(r"[^\s'’-]", copy.text) for copy in searched(entry))


def _phrases(version: CutCopy, words: WordList, budget: Budget) -> Iterator[Place]:
    text = version.copy.text
    for each_cut in version.cuts:
        beginning = words.beginning(each_cut.distinct, budget)
        if beginning:
            yield from _beginning_with(beginning, text, each_cut.words(), words, budget)
    if not version.spaced_out:
        return
    beginning = words.beginning({word for word, _ in version.spaced_out}, budget)
    for spaced in budget.over([candidate for candidate in version.spaced_out if candidate[0] in beginning]):
        yield from _beginning_with(beginning, text, words_at([spaced]), words, budget)


def _beginning_with(
    beginning: Set[str], text: str, of_text: CutWords, words: WordList, budget: Budget
) -> Iterator[tuple[int, int]]:
    for index in budget.over([at for at, word in enumerate(of_text.words) if word in beginning]):
        for last in _ends(words.first.node, text, of_text, index):
            yield of_text.places[index][0], of_text.places[last][1]


def _ends(node: Node, text: str, of_text: CutWords, index: int) -> Iterator[int]:
    """The last word of each listed phrase whose word at this node is the one at ``index``."""
    for reading in readings(of_text.words[index]):
        if node.stems.begins(reading):
            yield index
        for word in node.here.equal_to(reading):
            if word in node.ends:
                yield index
            onward = node.onward.get(word)
            if onward and index + 1 < len(of_text.words) and _holds_together(text, *of_text.places[index : index + 2]):
                yield from _ends(onward, text, of_text, index + 1)


def _holds_together(text: str, previous: tuple[int, int], following: tuple[int, int]) -> bool:
    start, end = previous[1], following[0]
    return end - start <= MAX_PHRASE_GAP and not _BREAKS_PHRASE.search(text[start:end])


def _prepared(listed: tuple[str, ...], budget: Budget = UNLIMITED) -> WordList:
    words = _PREPARED.get(listed)
    if words is None:
        with budget.paused():  # other comments use it, too
            words = _prepare(listed)
        _PREPARED.keep(listed, words)
    return words


class _Ready:
    """Lists that are ready for search. One that is used stays: of those before, it comes over to the recent ones.

    This saves 42 ms of a search for the shipped words, 0.9 ms of one for twenty, measured. A cache that notes each use
    would take as long as a search for words that were looked up before, and the clock of a budget would stand still
    and go on for each.
    """

    def __init__(self) -> None:
        self._recent: dict[tuple[str, ...], WordList] = {}
        self._before: dict[tuple[str, ...], WordList] = {}

    def get(self, listed: tuple[str, ...]) -> WordList | None:
        words = self._recent.get(listed)
        if words is None and (words := self._before.get(listed)) is not None:
            self.keep(listed, words)
        return words

    def keep(self, listed: tuple[str, ...], words: WordList) -> None:
        if len(self._recent) >= MOST_PREPARED // 2:
            self._before, self._recent = self._recent, {}
        self._recent[listed] = words


_PREPARED = _Ready()


def _prepare(listed: tuple[str, ...]) -> WordList:
    words = WordList()
    for folded in (copy.text for entry in listed for copy in searched(entry.strip())):
        stem = folded.removesuffix("*").strip()
        if not stem:
            continue
        if _is_literal(stem):
            words.literals.add(stem)
        else:
            parts = [m.group().rstrip("!|") for m in WITH_SYMBOLS.finditer(stem)]
            words.add([signs_as_letters(part) for part in parts if part], open_ended=folded.endswith("*"))
    words.literals.finish()
    return words


def _is_literal(stem: str) -> bool:
    return bool(_NOT_IN_WORDS.search(stem) or _UNSPACED.search(stem)) or not PLAIN.search(stem)
