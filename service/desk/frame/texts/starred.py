"""Finds listed words behind stars and other signs, such as ``f***``, ``sh*t`` and ``c#nt``, and the short ones whose
letters are spaced out. Signs and digits that are read as letters, and longer spaced words, are found by the lists."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from moderation.judging.text.disguises.hostile_words import MASKED_MOST
from moderation.judging.text.reading_budget import Budget
from moderation.judging.text.rewritten_text import Copy

MOST_HIDDEN = frozenset(MASKED_MOST) | {
    "fucks", "fuckers", "motherfucker", "motherfuckers", "motherfucking", "shits", "shitty", "bullshit", "bitches",
    "cunts", "asses", "assholes", "dicks", "cock", "cocks", "slut", "sluts", "whore", "whores", "pussy", "bastard",
    "bastards", "wanker", "wankers", "prick", "nigga", "niggers", "niggas", "faggots", "fag",
}  # fmt: skip
"""Words of which people leave the first letters only, or replace several letters by one sign."""

MOST_BEHIND = 4
"""Letters that one run of signs may replace."""

TELLING_LETTERS = 4  # so many that are left say which word it is, whatever one sign stands for
LONGEST = 24  # characters of a disguise

_SIGNS = r"*#@%$\u2022\u25cf\u00d7\u2217"
_TOKEN = re.compile(rf"(?<![\w{_SIGNS}])[^\W\d_](?:[^\W\d_]|[{_SIGNS}]|_|-)+")
_RUN = re.compile(rf"[{_SIGNS}_-]+")
_SHORT = re.compile(r"(?<!\w)(?<!\b\w[ *_-])([^\W\d_])([ *_-])([^\W\d_])\2([^\W\d_])(?!\w)(?![ *_-]\w(?!\w))")
_HIDDEN_SHORT = frozenset({"ass", "fag", "cum", "tit", "wop"})


@dataclass(frozen=True, slots=True)
class StarredWords:
    """Words that may be behind signs, kept so that a token is compared with a few of them only."""

    by_ends: Mapping[tuple[str, str], Sequence[str]]
    """By their first and last letter."""
    by_letter: Mapping[tuple[int, str, int, str], Sequence[str]]
    """By their length, their first letter, and each later letter with its place."""
    lengths: Set[tuple[int, str]]
    """Each length with each first letter that occurs."""

    @classmethod
    def of(cls, words: Iterable[str]) -> StarredWords:
        by_ends: dict[tuple[str, str], list[str]] = defaultdict(list)
        by_letter: dict[tuple[int, str, int, str], list[str]] = defaultdict(list)
        known = dict.fromkeys(words)
        for word in known:
            by_ends[word[0], word[-1]].append(word)
            for at in range(1, len(word)):
                by_letter[len(word), word[0], at, word[at]].append(word)
        return cls(dict(by_ends), dict(by_letter), {(len(word), word[0]) for word in known})


NO_WORDS: Sequence[str] = ()
_MOST_HIDDEN = StarredWords.of(sorted(MOST_HIDDEN))


def places(copy: Copy, words: StarredWords, budget: Budget) -> Iterator[tuple[int, int]]:
    """Where such words are in the original of a copy in small letters. Raises TooCostly."""
    text = copy.text
    for match in budget.over(_TOKEN.finditer(text)):
        token = match.group().rstrip("-_")
        if len(token) <= LONGEST and _RUN.search(token) and _is_listed(token, words):
            yield copy.origin(match.start(), match.start() + len(token))
    for match in budget.over(_SHORT.finditer(text)):
        if match.group(1) + match.group(3) + match.group(4) in _HIDDEN_SHORT:
            yield copy.origin(*match.span())


def _is_listed(token: str, words: StarredWords) -> bool:
    runs = _RUN.findall(token)
    if any(run in ("-", "_") for run in runs) and not (len(runs) == 1 and token[1] in "-_" and len(token) > 3):
        return False
    parts = _RUN.split(token)
    letters = sum(map(len, parts))
    is_cut = not token[-1].isalpha()
    if is_cut and letters < 3 and len(runs[-1]) < 2:
        return False
    if _fits_by_letter(token, _MOST_HIDDEN if is_cut else words):
        return True
    if letters < 2 or is_cut:
        return False
    candidates = (words if letters >= TELLING_LETTERS else _MOST_HIDDEN).by_ends.get((token[0], token[-1]), NO_WORDS)
    return any(_fits(word, parts) for word in candidates)


def _fits_by_letter(token: str, words: StarredWords) -> bool:
    """Whether a word is as long as the token, and has its letters where the token has any."""
    known = [at for at in range(1, len(token)) if token[at].isalpha()]
    if not known:
        return (len(token), token[0]) in words.lengths
    candidates = words.by_letter.get((len(token), token[0], known[-1], token[known[-1]]), NO_WORDS)
    return any(all(word[at] == token[at] for at in known) for word in candidates)


def _fits(word: str, parts: Sequence[str]) -> bool:
    """Whether the word has these parts in order, from its beginning to its end, with some letters between."""
    first, *rest = parts
    if not (word.startswith(first) and word.endswith(parts[-1])):
        return False
    reached = {len(first)}
    for part in rest:
        gaps = (end + behind for end in reached for behind in range(1, MOST_BEHIND + 1))
        reached = {start + len(part) for start in gaps if word.startswith(part, start)}
    return len(word) in reached
