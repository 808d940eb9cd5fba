"""The written cases as they lie on disk: a folder a suite, one file a language, one case a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

SUITES = {name: Path(__file__).with_name(name) for name in ("held_back", "by_language")}
FOLDER = SUITES["held_back"]
ADVERTISING = Path(__file__).with_name("advertising")
"""Advertisements, all to hold. The whole default policy is measured on them, not the toxicity weights."""
FIELDS = ("text", "label", "functionality")


class Label(StrEnum):
    """The choice of an experienced moderator."""

    PUBLISH = "publish"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Case:
    text: str
    label: Label
    functionality: str
    group: str | None = None  # of people that the text names or attacks


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """ISO 639-1 codes of the languages that have cases."""
    return tuple(sorted(path.stem for path in folder.glob("*.jsonl")))


def read_cases(language: str, folder: Path = FOLDER) -> tuple[Case, ...]:
    """All cases of a language, in the order of the file.

    Raises ValueError with the file and the line of a case that lacks a field or has an unknown label.
    """
    path = folder / f"{language}.jsonl"
    lines = path.read_text(encoding="utf-8").split("\n")
    return tuple(_case(line, f"{path.name}:{n}") for n, line in enumerate(lines, start=1) if line)


def _case(line: str, place: str) -> Case:
    try:
        form: Any = json.loads(line)
    except ValueError as e:
        raise ValueError(f"{place}: the case is not JSON") from e
    if not isinstance(form, dict):
        raise ValueError(f"{place}: the case is no JSON object")
    for field in FIELDS:
        if not str(form.get(field, "")).strip():
            raise ValueError(f"{place}: the field {field} is missing or empty")
    if form["label"] not in tuple(Label):
        raise ValueError(f"{place}: label is {form['label']!r} and must be publish or hold")
    return Case(form["text"], Label(form["label"]), form["functionality"], form.get("group"))
