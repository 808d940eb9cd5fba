"""How much of a comment is written in capitals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from moderation.model.scoring import CommentToScore
from moderation.model.signals import Span
from moderation.signals.spec import MAX_SPANS, DefaultRule, Measured, SignalSpec

MIN_LETTERS = 20  # in a shorter text one capital changes the share too much
ACRONYM_LETTERS = 5

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def shouting(text: str) -> Measured:
    """The share of capitals among letters. Acronyms are left out of the count: NATO alone is no shout, STOP NATO NOW is
    one."""
    words = _WORD.findall(text)
    runs = _capital_runs(list(_WORD.finditer(text))) if any(map(str.isupper, words)) else []
    shouted = [run for run in runs if _is_shouted(run)]
    counts = Counter("".join(words))
    counts.subtract("".join(word.group() for run in runs if not _is_shouted(run) for word in run))
    cased = {c: count for c, count in counts.items() if c.lower() != c.upper()}
    letters = sum(cased.values())
    if letters < MIN_LETTERS:
        return Measured(None, "too short")
    share = sum(count for c, count in cased.items() if c.isupper()) / letters
    total = sum(run[-1].end() - run[0].start() for run in shouted)
    spans = ((run[0].start(), run[-1].end()) for run in shouted[:MAX_SPANS])
    return Measured(share, evidence=tuple(Span(a, b, weight=(b - a) / total) for a, b in spans))


def _is_shouted(run: Sequence[re.Match[str]]) -> bool:
    return len(run) > 2 or any(len(word.group()) > ACRONYM_LETTERS for word in run)


def _capital_runs(words: Sequence[re.Match[str]]) -> list[list[re.Match[str]]]:
    """Stretches of neighbouring words that are all in capitals. Words without capitals and small letters, such as
    Chinese ones, do not count."""
    runs: list[list[re.Match[str]]] = []
    inside = False
    for word in words:
        if word.group().upper() == word.group().lower():
            continue
        if not word.group().isupper():
            inside = False
            continue
        if not inside:
            runs.append([])
        runs[-1].append(word)
        inside = True
    return runs


def _measure(c: CommentToScore) -> Measured:
    return shouting(c.comment.text)


SHOUTING = SignalSpec(
    name="shouting",
    title="Shouting",
    meaning="The share of the comment's letters that are capitals.",
    remarks=f"Acronyms are left out. Abstains under {MIN_LETTERS} letters.",
    advice="Before you post: much of this is in capitals, which readers take for shouting.",
    scale="score",
    measure=_measure,
    default=DefaultRule(0.80),
)
