"""Finds listed words behind stars and other signs, such as ``f***``, ``sh*t`` and ``c#nt``, and the short ones whose
letters are spaced out. Signs and digits that are read as letters, and longer spaced words, are found by the lists."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from moderation.text.disguises.hostile_words import MASKED_MOST
from moderation.text.rewritten_text import Copy

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


def by_letter(words: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The words, each once, by their first letter."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in dict.fromkeys(words):
        found[word[0]].append(word)
    return dict(found)


def places(copy: Copy, words: Mapping[str, Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Where such words, by their first letter, are in the original of a copy in small letters."""
    text = copy.text
    for match in _TOKEN.finditer(text):
        token = match.group().rstrip("-_")
        if len(token) <= LONGEST and _RUN.search(token) and _is_listed(token, words):
            yield copy.origin(match.start(), match.start() + len(token))
    for match in _SHORT.finditer(text):
        if match.group(1) + match.group(3) + match.group(4) in _HIDDEN_SHORT:
            yield copy.origin(*match.span())


def _is_listed(token: str, words: Mapping[str, Sequence[str]]) -> bool:
    runs = [run.group() for run in _RUN.finditer(token)]
    if any(run in ("-", "_") for run in runs) and not (len(runs) == 1 and token[1] in "-_" and len(token) > 3):
        return False
    letters = _RUN.sub("", token)
    is_cut = not token[-1].isalpha()
    if is_cut and len(letters) < 3 and len(runs[-1]) < 2:
        return False
    exact = re.compile(_RUN.sub(lambda run: rf"\w{{{len(run.group())}}}", token))
    if any(exact.fullmatch(word) for word in (MOST_HIDDEN if is_cut else words.get(token[0], ()))):
        return True
    loose = re.compile(_RUN.sub(rf"\\w{{1,{MOST_BEHIND}}}", token))
    if len(letters) < 2 or is_cut:
        return False
    candidates = words.get(token[0], ()) if len(letters) >= TELLING_LETTERS else MOST_HIDDEN
    return any(loose.fullmatch(word) for word in candidates)
