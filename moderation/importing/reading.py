"""The formats that a history may have, and what reading one gives: comments, bad places, and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from moderation.errors import FAULTS, GavelError, InvalidInput
from moderation.importing.past_comment import PastComment, read

MAX_WHY_CHARS = 500

Record = Mapping[str, Any]


class NotReadable(GavelError):
    """The file is not what its format says, and reading cannot go on."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A comment that is no history, such as one that still waits there. ``why`` is counted."""

    why: str


@dataclass(frozen=True, slots=True)
class Bad:
    """A place in the file that cannot be read, and why."""

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A comment in the words of ``PastComment``, before it is checked."""

    place: str
    record: Record


Item = FoundRecord | Skipped | Bad


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """An opened file and what the operator said about it."""

    stream: BinaryIO
    columns: Mapping[str, str] = field(default_factory=dict)  # CSV: our field to their column
    statuses: Mapping[str, str] = field(default_factory=dict)  # CSV: their status to ours
    stories: Path | None = None  # Coral: the collection of stories
    users: Path | None = None  # Coral: the collection of users
    digest: Callable[[str], str] | None = None  # WordPress: a keyed digest of a guest's e-mail address
    deleted: str | None = None  # Disqus: the status of deleted comments; None leaves them out


Reader = Callable[[ArchiveSource], Iterator[Item]]


def attempt(place: str, read: Callable[[], Item]) -> Item:
    """A bad place instead of the end of the import, if this one comment breaks the code that reads it."""
    try:
        return read()
    except FAULTS as e:
        return Bad(place, f"cannot be read: {type(e).__name__}: {e}"[:MAX_WHY_CHARS])


def checked(items: Iterator[Item]) -> Iterator[PastComment | Skipped | Bad]:
    """Each comment with its fields checked. A wrong one becomes a bad place that names every wrong field."""
    for item in items:
        if not isinstance(item, FoundRecord):
            yield item
            continue
        try:
            yield read(item.record)
        except InvalidInput as e:
            yield Bad(item.place, "; ".join(f"{problem.field} {problem.message}" for problem in e.problems))
