"""Written pairs: one comment under two headlines or parents. In half of them the verdict turns.

A language model wrote and labelled them for this project; no person checked the labels. Nothing learns from them but
the head that is measured on other ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from training.suites.cases import Label

FOLDER = Path(__file__).parent / "pairs"
LANGUAGES = ("de", "en")
PLACES = ("first", "second")
KINDS = ("headline", "parent")


@dataclass(frozen=True, slots=True)
class InContext:
    """A comment beside what it answers."""

    text: str
    context: str
    is_toxic: bool  # there
    pair: int


def read_pairs(language: str, folder: Path = FOLDER) -> list[InContext]:
    """Both members of each pair, one after the other. Raises ValueError for a line that is no pair."""
    members = []
    for number, line in enumerate((folder / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()):
        pair = json.loads(line)
        for place in PLACES:
            contexts = [pair[place][kind] for kind in KINDS if kind in pair[place]]
            if len(contexts) != 1:
                raise ValueError(f"{language}, pair {number + 1}: {place} needs one of {', '.join(KINDS)}")
            members.append(InContext(pair["text"], contexts[0], Label(pair[place]["label"]) is Label.HOLD, number))
    return members
