"""The words that a guess may give, indexed by the letters that a disguise leaves of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from moderation.judging.text.word_lists import ordered_words, word_list, word_pairs

MASKED_MOST = (
    "fuck", "fucking", "fucked", "fucker", "shit", "bitch", "cunt", "ass", "asshole", "dick", "nigger", "faggot",
)  # fmt: skip
HOSTILE_RANK = 1_000
"""Hostile words are in no list of frequent words; each counts as if it were at this place."""


LEET = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i", "|": "il", "+": "t", "(": "c", "\u20ac": "e", "\u00a3": "l", "\u00a1": "i",
}  # fmt: skip
_ONE_READING = str.maketrans({sign: letters[0] for sign, letters in LEET.items()} | {"l": "i", "\u00a3": "i"})

Trie = dict[str, "Trie"]
END = ""
"""The key by which a node of a trie says that a word ends there."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """The words that a guess may give, in the forms in which they are looked up."""

    words: frozenset[str]
    by_skeleton: Mapping[str, str]  # of those long enough that a doubled letter cannot make another word
    respelled: Mapping[str, str]  # usual respellings and slips, with the word that is meant
    by_ends: Mapping[tuple[str, str], tuple[str, ...]]  # by first and last letter, and by first letter and ""
    with_i_for_l: frozenset[str]  # all of them and their respellings, by ``with_i_for_l``
    of_three_letters: re.Pattern[str]  # finds those of three letters or more in letters without spaces
    of_four_letters: re.Pattern[str]
    beside_small_words: Trie  # all of them, and the words that stand between them in a sentence
    costs: Mapping[str, float]  # of these and of common English words: the log of how rare each is


@cache  # building the tables takes 0.07 s, measured
def hostile() -> Hostile:
    words = word_list("disguised")
    shortest_first = sorted(sorted(words), key=len)  # those of one length by the alphabet: every process guesses alike
    respelled = _respelled(shortest_first, words)
    return Hostile(
        words=words,
        by_skeleton={skeleton(word): word for word in reversed(shortest_first) if len(word) >= 4},
        respelled=respelled,
        by_ends=_by_ends(words),
        with_i_for_l=frozenset(map(with_i_for_l, (*words, *respelled))),
        of_three_letters=_pattern_of(words, least=3),
        of_four_letters=_pattern_of(words, least=4),
        beside_small_words=trie_of(sorted(words | word_list("small"))),
        costs=_costs(words),
    )


def hostile_places(run: str) -> Iterator[tuple[int, int]]:
    """Where hostile words of four letters or more are in letters without spaces; the longest wins."""
    return (match.span() for match in hostile().of_four_letters.finditer(run))


def skeleton(word: str) -> str:
    """The word without repeated letters: ``idiot`` for ``iddiioot``."""
    return _REPEATED.sub(r"\1", word)


def with_i_for_l(word: str) -> str:
    """Equal for all readings of a word in leet, and for all words with the same letters, repeated or not."""
    return skeleton(word.translate(_ONE_READING))


_REPEATED = re.compile(r"(.)\1+")


def _respelled(shortest_first: Sequence[str], words: frozenset[str]) -> dict[str, str]:
    """Usual respellings, and hostile words with an inner letter missing or two letters swapped, unless that is another
    word."""
    respellings = word_pairs("respelled")
    for word in shortest_first:
        for slip in _slips(word) if len(word) >= 5 else ():
            if slip not in words and slip not in word_list("not_disguised"):
                respellings.setdefault(slip, word)
    return respellings


def _slips(word: str) -> Iterator[str]:
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _by_ends(words: frozenset[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The words that people mask most come first."""
    by_ends: dict[tuple[str, str], list[str]] = {}
    for word in (*MASKED_MOST, *sorted(words - set(MASKED_MOST))):
        for ends in ((word[0], word[-1]), (word[0], "")):
            by_ends.setdefault(ends, []).append(word)
    return {ends: tuple(own) for ends, own in by_ends.items()}


def _costs(words: frozenset[str]) -> dict[str, float]:
    """Ordinary words that seem to hide a hostile one count as the rarest."""
    ranks = {word: rank for rank, word in enumerate(ordered_words("common/en"), start=1)}
    ranks |= {word: HOSTILE_RANK for word in words if len(word) > 2 and word not in ranks}
    ranks |= {word: len(ranks) for word in word_list("whole_tags") if word not in ranks}
    many = math.log(len(ranks))
    return {word: math.log(rank * many) for word, rank in ranks.items()}


def trie_of(words: Sequence[str]) -> Trie:
    """The words as nested mappings from letter to node. A node at the end of a word has the key ``END``."""
    root: Trie = {}
    for word in words:
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node[END] = {}
    return root


def _pattern_of(words: frozenset[str], *, least: int) -> re.Pattern[str]:
    """Finds words of at least ``least`` letters. As a trie, it compares a letter with a few and not with hundreds."""
    return re.compile(_pattern(trie_of(sorted(word for word in words if len(word) >= least))))


def _pattern(node: Trie) -> str:
    ways = [f"[{c}{c.upper()}]{_pattern(rest)}" for c, rest in node.items() if c != END]
    if not ways:
        return ""
    one_of = ways[0] if len(ways) == 1 and END not in node else f"(?:{'|'.join(ways)})"
    return f"{one_of}?" if END in node else one_of
