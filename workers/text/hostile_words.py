"""The words that a guess may give, indexed by the letters that a disguise leaves of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from workers.text.word_lists import word_list, word_pairs

MASKED_MOST = (
    "fuck", "fucking", "fucked", "fucker", "shit", "bitch", "cunt", "ass", "asshole", "dick", "nigger", "faggot",
)  # fmt: skip


def hostile_words() -> frozenset[str]:
    """The words that a guess may give."""
    return word_list("disguised")


@lru_cache(maxsize=1)
def shortest_first() -> tuple[str, ...]:
    """The same, and those of one length by the alphabet, so that every process guesses alike."""
    return tuple(sorted(sorted(hostile_words()), key=len))


def skeleton(word: str) -> str:
    """The word without repeated letters: ``idiot`` for ``iddiioot``."""
    return _REPEATED.sub(r"\1", word)


_REPEATED = re.compile(r"(.)\1+")


@lru_cache(maxsize=1)
def by_skeleton() -> dict[str, str]:
    """Hostile words by skeleton, if they are long enough that a doubled letter cannot make another word."""
    found: dict[str, str] = {}
    for word in shortest_first():
        if len(word) >= 4:
            found.setdefault(skeleton(word), word)
    return found


@lru_cache(maxsize=1)
def respelled() -> dict[str, str]:
    """Usual respellings, and hostile words with an inner letter missing or two letters swapped, unless that is another
    word."""
    found = word_pairs("respelled")
    for word in shortest_first():
        if len(word) < 5:
            continue
        for slip in _slips(word):
            if slip not in hostile_words() and slip not in word_list("not_disguised"):
                found.setdefault(slip, word)
    return found


def _slips(word: str) -> Iterator[str]:
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


@lru_cache(maxsize=1)
def by_ends() -> dict[tuple[str, str], tuple[str, ...]]:
    """Hostile words by first and last letter, and by first letter and ``""``. Those that people mask most come
    first."""
    found: dict[tuple[str, str], list[str]] = {}
    for word in (*MASKED_MOST, *sorted(hostile_words() - set(MASKED_MOST))):
        for ends in ((word[0], word[-1]), (word[0], "")):
            found.setdefault(ends, []).append(word)
    return {ends: tuple(own) for ends, own in found.items()}


Trie = dict[str, "Trie"]
END = ""
"""The key by which a node of a trie says that a word ends there."""


def trie_of(words: Sequence[str]) -> Trie:
    """The words as nested mappings from letter to node. A node at the end of a word has the key ``END``."""
    root: Trie = {}
    for word in words:
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node[END] = {}
    return root


def hostile_places(run: str) -> Iterator[tuple[int, int]]:
    """Where hostile words of four letters or more are in letters without spaces; the longest wins."""
    return (found.span() for found in any_hostile_word(least=4).finditer(run))


@lru_cache(maxsize=4)
def any_hostile_word(*, least: int) -> re.Pattern[str]:
    """Finds hostile words of at least ``least`` letters. As a trie, it compares a letter with a few and not with
    hundreds."""
    return re.compile(_pattern(trie_of(sorted(w for w in hostile_words() if len(w) >= least))))


def _pattern(node: Trie) -> str:
    ways = [f"[{c}{c.upper()}]{_pattern(rest)}" for c, rest in node.items() if c != END]
    if not ways:
        return ""
    one_of = ways[0] if len(ways) == 1 and END not in node else f"(?:{'|'.join(ways)})"
    return f"{one_of}?" if END in node else one_of
