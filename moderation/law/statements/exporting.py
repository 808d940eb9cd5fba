"""The export of a site's statements in batches, a line of JSON each. It goes on where an earlier one broke off, and
writes no statement twice."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO

from moderation.ground.database.engine import Database, first_id_at
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.law.statements import transparency, walking

BATCH = 100
"""The most statements that the database takes in one call."""


@dataclass(frozen=True, slots=True)
class ExportedTotals:
    """Statements in the file."""

    new: int
    earlier: int


def batches(db: Database, site_id: str, first: date, last: date, *, known: frozenset[str]) -> Iterator[dict[str, Any]]:
    """``{"statements": […]}`` with up to a hundred decisions and measures of these days (UTC), each oldest first,
    without those whose ``puid`` is known. Those that were undone before the site heard of them have none."""
    after, before = first_id_at(_midnight(first)), first_id_at(_midnight(last + timedelta(days=1)))
    on_comments = map(transparency.form, walking.of_decisions(db, site_id, after, before))
    on_authors = map(transparency.form_of_measure, walking.of_measures(db, site_id, after, before))
    every = itertools.chain(on_comments, on_authors)
    wanted = (statement for statement in every if statement["puid"] not in known)
    while batch := list(itertools.islice(wanted, BATCH)):
        yield {"statements": batch}


def export(db: Database, site_id: str, first: date, last: date, file: Path) -> ExportedTotals:
    """Adds the statements of these days that the file lacks. Raises InvalidInput for a file of another kind."""
    known = complete(file)
    new = 0
    with file.open("a", encoding="utf-8") as out:
        for batch in batches(db, site_id, first, last, known=known):
            write(out, batch["statements"])
            new += len(batch["statements"])
    return ExportedTotals(new, len(known))


def write(out: TextIO, statements: Sequence[Mapping[str, Any]]) -> None:
    """One line: the body of one call."""
    out.write(json.dumps({"statements": statements}, ensure_ascii=False) + "\n")
    out.flush()


def complete(file: Path) -> frozenset[str]:
    """The puids in the file, of which a last line that an earlier export did not finish is cut off. Raises InvalidInput
    for a file of another kind."""
    if not file.exists():
        return frozenset()
    written = file.read_bytes()
    whole = written[: written.rfind(b"\n") + 1]
    try:
        lines = [json.loads(line) for line in whole.splitlines()]
        known = frozenset(statement["puid"] for line in lines for statement in line["statements"])
    except (ValueError, KeyError, TypeError) as e:
        raise InvalidInput(FieldProblem("file", "holds something else than exported statements")) from e
    if written and not whole and not written.startswith(b'{"statements": '):
        raise InvalidInput(FieldProblem("file", "holds something else than exported statements"))
    with file.open("r+b") as cut:
        cut.truncate(len(whole))
    return known


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
