"""Files of texts with their Perspective scores: CSV with a column for each attribute, or JSON lines with a field for
each, or with Perspective's own answer."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

MAX_FIELD_CHARS = 1_000_000
JSON_LINES = (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True, slots=True)
class Scored:
    text: str
    scores: Mapping[str, float]  # by attribute, as Perspective writes it


def read(path: Path) -> list[Scored]:
    """Lines without a text or without a score are left out. Raises ClickException, which names the line."""
    rows = _json_lines(path) if path.suffix.lower() in JSON_LINES else _table(path)
    found = [Scored(text, scores) for number, row in rows if (text := _text(row)) and (scores := _scores(row, number))]
    if not found:
        raise click.ClickException(f"{path}: no line has both a `text` and a score such as TOXICITY")
    return found


def _table(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    csv.field_size_limit(MAX_FIELD_CHARS)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            yield number, {name: value for name, value in row.items() if isinstance(name, str)}


def _json_lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as e:
                raise click.ClickException(f"line {number} is not JSON: {e}") from e
            if not isinstance(row, dict):
                raise click.ClickException(f"line {number} is not a JSON object")
            yield number, row


def _text(row: Mapping[str, Any]) -> str:
    comment = row.get("comment")
    text = row.get("text") or (comment.get("text") if isinstance(comment, dict) else comment)
    return text.strip() if isinstance(text, str) else ""


def _scores(row: Mapping[str, Any], number: int) -> dict[str, float]:
    """Columns in capitals, or in small letters, are attributes."""
    answer = row.get("attributeScores")
    values = {name: each["summaryScore"]["value"] for name, each in answer.items()} if isinstance(answer, dict) else row
    return {
        name.upper(): _share(value, name, number)
        for name, value in values.items()
        if name.upper() in _KNOWN and value not in (None, "")
    }


def _share(value: Any, name: str, number: int) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = -1.0
    if not 0 <= found <= 1:
        raise click.ClickException(f"line {number}: {name} must be between 0 and 1, and is {str(value)[:50]!r}")
    return found


_KNOWN = frozenset(
    ["TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT", "SEXUALLY_EXPLICIT", "OBSCENE",
     "SPAM"]
)  # fmt: skip
