"""How much of a comment is written in capitals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from moderation.ground.values.signals import Span
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import MAX_SPANS, Measured, SignalSpec
from moderation.judging.text.language_names import first_known, language_name
from moderation.judging.text.splitting import WORD_OF_LETTERS, words_of_letters

MIN_LETTERS = 20  # in a shorter text one capital changes the share too much
ACRONYM_LETTERS = 5

ORDINARY_IN = frozenset({"da", "es", "pl", "pt", "ro", "tr"})
"""Languages in which capitals are no sign of abuse: in labelled comments, less than three times as large a share of
the plainly toxic ones as of the civil ones reaches the default limit, and in English seven times (3.2 and 0.4 %)."""

_NAMES = sorted(map(language_name, ORDINARY_IN))
_CAPITAL = re.compile("[A-Z]")

Run = list[int]
"""Neighbouring words, by their numbers in the text."""


def shouting(text: str) -> Measured:
    """The share of capitals among letters. Acronyms are left out of the count: NATO alone is no shout, STOP NATO NOW is
    one."""
    words = words_of_letters(text)
    runs = _capital_runs(words) if any(map(str.isupper, words)) else []
    shouted = [run for run in runs if _is_shouted(words, run)]
    letters, capitals = _counted("".join(words))
    if len(shouted) < len(runs):
        kept = set(chain.from_iterable(shouted))
        acronyms = _counted("".join(words[at] for run in runs for at in run if at not in kept))
        letters, capitals = letters - acronyms[0], capitals - acronyms[1]
    if letters < MIN_LETTERS:
        return Measured(None, "too short")
    return Measured(capitals / letters, evidence=_spans(text, shouted) if shouted else ())


def _capital_runs(words: Sequence[str]) -> list[Run]:
    """Stretches of neighbouring words that are all in capitals. Words without capitals and small letters, such as
    Chinese ones, do not count."""
    runs: list[Run] = []
    inside = False
    for at, word in enumerate(words):
        is_capital = word.isupper()
        if not (is_capital or inside) or word.upper() == word.lower():
            continue
        if is_capital and not inside:
            runs.append([])
        if is_capital:
            runs[-1].append(at)
        inside = is_capital
    return runs


def _is_shouted(words: Sequence[str], run: Run) -> bool:
    return len(run) > 2 or any(len(words[at]) > ACRONYM_LETTERS for at in run)


def _counted(text: str) -> tuple[int, int]:
    """Of letters and apostrophes: how many have a capital and a small form, and how many of those are capitals."""
    if text.isascii():
        return len(text) - text.count("'"), len(_CAPITAL.findall(text))
    cased = {c: count for c, count in Counter(text).items() if c.lower() != c.upper()}
    return sum(cased.values()), sum(count for c, count in cased.items() if c.isupper())


def _spans(text: str, shouted: Sequence[Run]) -> tuple[Span, ...]:
    places = [word.span() for word in WORD_OF_LETTERS.finditer(text)]
    stretches = [(places[run[0]][0], places[run[-1]][1]) for run in shouted]
    total = sum(end - start for start, end in stretches)
    return tuple(Span(start, end, weight=(end - start) / total) for start, end in stretches[:MAX_SPANS])


def _measure(c: CommentToScore) -> Measured:
    language = first_known(c.comment.language, c.article.language)
    if language in ORDINARY_IN:
        return Measured(None, f"capitals are ordinary in {language_name(language)}")
    return shouting(c.comment.text)


SHOUTING = SignalSpec(
    name="shouting",
    title="Shouting",
    meaning="The share of the comment's letters that are capitals.",
    remarks=f"Acronyms are left out. Abstains under {MIN_LETTERS} letters, and in "
    f"{', '.join(_NAMES[:-1])} and {_NAMES[-1]}, where civil comments have them as often.",
    scale="score",
    measure=_measure,
)
