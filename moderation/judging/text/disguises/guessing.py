"""Guesses the word behind a disguise: leet, masked, spaced-out, stretched, doubled or missing letters, emoji with a
hostile meaning, and hashtags.

But for hashtags, it guesses only words of ``word_lists/disguised.txt``, so ordinary words stay as they are.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from moderation.judging.text.disguises.hashtags import guessed_hashtags
from moderation.judging.text.disguises.hostile_words import END, LEET, hostile
from moderation.judging.text.disguises.single_words import guessed_words
from moderation.judging.text.letters.emoji_words import guessed_pictures
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from moderation.judging.text.rewritten_text import Replacement
from moderation.judging.text.word_lists import word_list

MAX_LETTERS = 16
"""The most letters of one word, known or not."""

MIN_LETTERS = 3
"""The fewest letters of a hostile word that makes the run worth reading."""

UNKNOWN_WORD_COST = 3

_PICTURES = "\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_GAPS = rf" .\-_*~|,/\u00b7{_PICTURES}"
_LETTER = r"(?:[^\W_]|[@$!])"
_SPACED = re.compile(rf"(?<![^\s\"'(\[{_PICTURES}]){_LETTER}(?:[{_GAPS}]{{1,2}}{_LETTER}(?![^\W_])){{2,}}")
_MAY_BE_SPACED = re.compile(rf"[{_GAPS}]{_LETTER}[{_GAPS}]{{1,2}}{_LETTER}(?![^\W_])")  # its end, faster to look for
_GAP = re.compile(rf"[{_GAPS}]")


def guessed_spaced_out(text: str, budget: Budget) -> Iterator[Replacement]:
    """Runs of single letters that contain a hostile word and few letters outside known words. Raises TooCostly."""
    if not _MAY_BE_SPACED.search(text):
        return
    for match in budget.over(_SPACED.finditer(text)):
        letters = "".join(LEET.get(c, c)[0] for c in _GAP.sub("", match.group()).lower())
        if not hostile().of_three_letters.search(letters):
            continue
        read = _split_into_words(letters, budget)
        insults = [word for word in read if word in hostile().words and len(word) >= MIN_LETTERS]
        unknown = [word for word in read if word not in hostile().words and word not in word_list("small")]
        if insults and 2 * sum(map(len, unknown)) <= len(letters) and all(len(word) >= 4 for word in unknown):
            yield Replacement(match.start(), match.end(), " ".join(read))


def _split_into_words(letters: str, budget: Budget) -> list[str]:
    """The letters cut into the fewest words, where an unknown word costs as much as several known ones.

    Of two ways with the same cost, it takes the one whose last word is longer. Time and memory grow in proportion to
    the letters.
    """
    costs, begins = [0] + [1 << 30] * len(letters), [0] * (len(letters) + 1)
    best_starts = deque[int]()  # starts of an unknown word, the cheapest first
    for at in budget.over(range(len(letters))):
        while best_starts and costs[best_starts[-1]] - best_starts[-1] > costs[at] - at:
            best_starts.pop()
        best_starts.append(at)
        if best_starts[0] <= at - MAX_LETTERS:
            best_starts.popleft()
        _offer(costs, begins, best_starts[0], at + 1, UNKNOWN_WORD_COST + at + 1 - best_starts[0])
        for end in _known_words_at(letters, at):
            _offer(costs, begins, at, end, 1)
    return _words_back_from(letters, begins)


def _offer(costs: list[int], begins: list[int], start: int, end: int, cost: int) -> None:
    total = costs[start] + cost
    if total < costs[end] or (total == costs[end] and start < begins[end]):
        costs[end], begins[end] = total, start


def _known_words_at(letters: str, at: int) -> Iterator[int]:
    """The ends of all known words that begin there."""
    node = hostile().beside_small_words
    for end in range(at, min(len(letters), at + MAX_LETTERS)):
        following = node.get(letters[end])
        if following is None:
            return
        node = following
        if END in node:
            yield end + 1


def _words_back_from(letters: str, begins: list[int]) -> list[str]:
    words, end = [], len(letters)
    while end:
        words.append(letters[begins[end] : end])
        end = begins[end]
    return words[::-1]


def guess_words(text: str, budget: Budget = UNLIMITED) -> list[Replacement]:
    """Replacements that do not overlap, in order of position; empty if no word looks disguised.

    Raises TooCostly.
    """
    spaced_out = list(guessed_spaced_out(text, budget))
    tags = _beside(spaced_out, guessed_hashtags(text, budget))
    words = _beside(tags, guessed_words(text, budget))
    return _beside(words, budget.over(guessed_pictures(text)))


def _beside(taken: Sequence[Replacement], more: Iterable[Replacement]) -> list[Replacement]:
    """Both together, in order, without those of ``more`` that overlap with one of ``taken``. Both must be in order."""
    added, at = list[Replacement](), 0
    for guess in more:
        while at < len(taken) and taken[at].end <= guess.start:
            at += 1
        if at == len(taken) or taken[at].start >= guess.end:
            added.append(guess)
    return sorted([*taken, *added], key=lambda r: r.start) if added else list(taken)
