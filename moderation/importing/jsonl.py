"""Gavel's own format: one JSON object a line, with the fields of ``PastComment``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from moderation.importing.reading import ArchiveSource, Bad, FoundRecord, Item

MAX_LINE_BYTES = 1_000_000


def read_jsonl(source: ArchiveSource) -> Iterator[Item]:
    """Empty lines are left out without a word."""
    number = 0
    while line := source.stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        place = f"line {number}"
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = source.stream.readline(MAX_LINE_BYTES)
            yield Bad(place, f"has more than {MAX_LINE_BYTES:,} bytes")
        elif line.strip():
            yield _item(place, line)


def _item(place: str, line: bytes) -> Item:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as e:
        return Bad(place, f"is not JSON: {e}")
    return FoundRecord(place, record) if isinstance(record, dict) else Bad(place, "is not a JSON object")
