"""The names of all signals, and those that need no model: links, listed words, shouting, repeats, the author's record
and readers' reports. Pure functions of one comment; they never look at another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from moderation.model import CommentToScore, Signal, Span
from moderation.text.fingerprints import bands, fingerprint, is_near_copy
from moderation.text.links import find_links
from moderation.text.words import find_words

__all__ = ["SIGNALS", "SignalSpec", "bands", "cheap_signals", "fingerprint", "is_near_copy"]

SOURCE = "rules"
MAX_SPANS = 50  # kept as evidence; the value counts them all
MIN_LETTERS = 20  # under this a capital more or less swings the share
MIN_DECIDED = 5  # under this one rejection would brand an author
ACRONYM_LETTERS = 5


@dataclass(frozen=True, slots=True)
class SignalSpec:
    """How people and the policy document read a signal. A score lies in 0..1, a count is a whole number from 0."""

    name: str
    title: str
    worse: Literal["high", "low"]
    kind: Literal["model", "rule"]
    scale: Literal["score", "count"]
    meaning: str


def _specs(*specs: SignalSpec) -> Mapping[str, SignalSpec]:
    return MappingProxyType({spec.name: spec for spec in specs})


SIGNALS: Mapping[str, SignalSpec] = _specs(
    SignalSpec(
        "toxicity", "Toxicity", "high", "model", "score",
        "The probability that readers would find the comment rude or disrespectful enough to leave the discussion.",
    ),
    SignalSpec(
        "severe_toxicity", "Severe toxicity", "high", "model", "score",
        "The probability that the comment is hateful or aggressive, beyond coarse language.",
    ),
    SignalSpec(
        "obscene", "Obscenity", "high", "model", "score", "The probability that the comment swears or is vulgar."
    ),
    SignalSpec(
        "threat", "Threat", "high", "model", "score",
        "The probability that the comment wishes or announces harm to somebody.",
    ),
    SignalSpec(
        "insult", "Insult", "high", "model", "score", "The probability that the comment insults a person or a group."
    ),
    SignalSpec(
        "identity_attack", "Identity attack", "high", "model", "score",
        "The probability that the comment attacks people for who they are: their origin, religion, sex or the like.",
    ),
    SignalSpec(
        "sexual_explicit", "Sexually explicit", "high", "model", "score",
        "The probability that the comment is sexually explicit.",
    ),
    SignalSpec(
        "relevance", "Relevance", "low", "model", "score",
        "The probability that the comment is on topic: about the article or the comment it replies to.",
    ),
    SignalSpec("links", "Links", "high", "rule", "count", "How many links the comment holds, disguised ones too."),
    SignalSpec(
        "words.banned", "Banned words", "high", "rule", "count",
        "How many times the comment uses words or phrases from the site's banned list.",
    ),
    SignalSpec(
        "words.suspect", "Suspect words", "high", "rule", "count",
        "How many times the comment uses words or phrases from the site's suspect list.",
    ),
    SignalSpec(
        "shouting", "Shouting", "high", "rule", "score", "The share of the comment's letters that are capitals."
    ),
    SignalSpec(
        "repeat", "Repeats", "high", "rule", "count",
        "How many earlier comments on the site have nearly the same text.",
    ),
    SignalSpec(
        "author.rejection_rate", "Author's rejection rate", "high", "rule", "score",
        "The share of the author's decided comments that were rejected.",
    ),
    SignalSpec("reports", "Readers' reports", "high", "rule", "count", "How many readers have reported the comment."),
    SignalSpec(
        "language.supported", "Language supported", "low", "model", "score",
        "1 where the active toxicity model knows the comment's language, 0 where it does not.",
    ),
)  # fmt: skip


def cheap_signals(c: CommentToScore, *, reports: int = 0) -> tuple[Signal, ...]:
    """Every signal that needs no model, in the order of ``SIGNALS``. Evidence points into the comment's text."""
    text, policy = c.comment.text, c.policy
    return (
        _counted("links", find_links(text)),
        _counted("words.banned", find_words(text, policy.banned_words)),
        _counted("words.suspect", find_words(text, policy.suspect_words)),
        shouting(text),
        _repeat(text, c.near_copies),
        _rejection_rate(c.author.published, c.author.rejected),
        Signal("reports", float(reports), SOURCE),
    )


def _counted(name: str, found: Sequence[tuple[int, int]]) -> Signal:
    spans = tuple(Span(start, end, weight=1 / len(found)) for start, end in found[:MAX_SPANS])
    return Signal(name, float(len(found)), SOURCE, evidence=spans)


def _repeat(text: str, near_copies: int) -> Signal:
    if fingerprint(text) is None:
        return Signal("repeat", None, SOURCE, abstained="too short")
    return Signal("repeat", float(near_copies), SOURCE)


def _rejection_rate(published: int, rejected: int) -> Signal:
    decided = published + rejected
    if decided < MIN_DECIDED:
        reason = f"fewer than {MIN_DECIDED} decided comments"
        return Signal("author.rejection_rate", None, SOURCE, abstained=reason)
    return Signal("author.rejection_rate", rejected / decided, SOURCE)


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def shouting(text: str) -> Signal:
    """The share of capitals among letters. Acronyms count neither way: NATO alone is no shout, STOP NATO NOW is one."""
    words = [word for word in _WORD.finditer(text) if word.group().upper() != word.group().lower()]
    runs = _capital_runs(words)
    shouted = [run for run in runs if len(run) > 2 or any(len(w.group()) > ACRONYM_LETTERS for w in run)]
    acronyms = {word.start() for run in runs if run not in shouted for word in run}
    letters = [c for w in words if w.start() not in acronyms for c in w.group() if c.lower() != c.upper()]
    if len(letters) < MIN_LETTERS:
        return Signal("shouting", None, SOURCE, abstained="too short")
    share = sum(c.isupper() for c in letters) / len(letters)
    total = sum(run[-1].end() - run[0].start() for run in shouted)
    spans = ((run[0].start(), run[-1].end()) for run in shouted[:MAX_SPANS])
    return Signal("shouting", share, SOURCE, evidence=tuple(Span(a, b, weight=(b - a) / total) for a, b in spans))


def _capital_runs(words: Sequence[re.Match[str]]) -> list[list[re.Match[str]]]:
    """Stretches of neighbouring words that are all in capitals."""
    runs: list[list[re.Match[str]]] = []
    inside = False
    for word in words:
        if not word.group().isupper():
            inside = False
            continue
        if not inside:
            runs.append([])
        runs[-1].append(word)
        inside = True
    return runs
