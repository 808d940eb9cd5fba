"""Labelled comments from files outside the project, dealt out to the rule book, to the decisions, and to the
measurement of harm. No text is in two of these."""

from __future__ import annotations

import csv
import gzip
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INSULTS, HATRED, THREATS, OBSCENITY = "insults", "hatred", "threats", "obscenity"
SUBJECTS: Mapping[str, str] = {THREATS: "threat", HATRED: "identity_attack", OBSCENITY: "obscene", INSULTS: "insult"}
"""The keys of rules, with the label that speaks for each; the first that fits counts."""

TOXIC_FROM, CIVIL_TO = 0.6, 0.2  # shares of raters; people differ about comments between these
SUBJECT_FROM = 0.5
FEWEST_WORDS = 3
MOST_CHARS = 2_000
DISCUSSIONS = ("civil_comments", "toxic_spans_civil_comments", "jigsaw", "cat_wikipedia", "conversationai")
"""The beginnings of sources that are discussions on news and on Wikipedia. Posts elsewhere break other rules."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """``subject`` is the rule that a toxic comment breaks."""

    text: str
    is_toxic: bool
    subject: str
    source: str


@dataclass(frozen=True, slots=True)
class Dealt:
    """The cases are by the rule's key."""

    cases: Mapping[str, tuple[Labelled, ...]]
    decided: tuple[Labelled, ...]
    judged: tuple[Labelled, ...]


def read(files: Sequence[Path]) -> list[Labelled]:
    """The comments on whose label people agree, each text once. The first file that has it counts."""
    csv.field_size_limit(sys.maxsize)
    known: dict[str, Labelled | None] = {}
    for file in files:
        for row in _rows(file):
            key = " ".join(row["text"].lower().split())
            if key not in known and len(key.split()) >= FEWEST_WORDS and len(key) <= MOST_CHARS:
                known[key] = labelled(row, file.name)
    return [comment for comment in known.values() if comment is not None]


def labelled(row: Mapping[str, str], file: str) -> Labelled | None:
    """A row as a comment; None if people differ about it, if nobody was asked, and if it is no part of a discussion."""
    is_toxic = _agreed(row)
    if is_toxic is None or not row.get("source", DISCUSSIONS[0]).startswith(DISCUSSIONS):
        return None
    fits = (key for key, label in SUBJECTS.items() if _share(row, label) >= SUBJECT_FROM)
    return Labelled(row["text"], is_toxic, next(fits, INSULTS), row.get("source") or file)


def deal(pool: Iterable[Labelled], rng: random.Random, *, cases: int, decided: int, toxic: float, judged: int) -> Dealt:
    """``cases`` of each kind for each rule, and so many decisions, of which a share is toxic. Of the others, at most
    ``judged`` of each label measure harm."""
    shuffled = list(pool)
    rng.shuffle(shuffled)
    left = {True: [c for c in shuffled if c.is_toxic], False: [c for c in shuffled if not c.is_toxic]}
    by_rule = {}
    for key in SUBJECTS:
        breaking = [comment for comment in left[True] if comment.subject == key][:cases]
        left[True] = [comment for comment in left[True] if comment not in breaking]
        by_rule[key] = (*breaking, *_taken(left[False], cases))
    rejected = round(decided * toxic)
    decisions = [*_taken(left[True], rejected), *_taken(left[False], decided - rejected)]
    rng.shuffle(decisions)
    return Dealt(by_rule, tuple(decisions), (*left[True][:judged], *left[False][:judged]))


def by_label(comments: Sequence[Labelled]) -> Mapping[bool, list[Labelled]]:
    groups = defaultdict[bool, list[Labelled]](list)
    for comment in comments:
        groups[comment.is_toxic].append(comment)
    return groups


def _taken(comments: list[Labelled], count: int) -> list[Labelled]:
    taken, comments[:] = comments[:count], comments[count:]
    return taken


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _agreed(row: Mapping[str, str]) -> bool | None:
    if "agreed" in row:
        return {"toxic": True, "civil": False}.get(row["agreed"])
    share = row.get("toxicity") or row.get("toxicity_implied") or ""
    if not share or CIVIL_TO < float(share) < TOXIC_FROM:
        return None
    return float(share) >= TOXIC_FROM


def _share(row: Mapping[str, str], label: str) -> float:
    return float(row.get(label) or 0)
