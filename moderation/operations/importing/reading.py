"""The formats that a history may have, and what reading one gives: comments, bad places, and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from moderation.ground.errors import FAULTS, GavelError, InvalidInput
from moderation.operations.importing.past_comment import MAX_ID_CHARS, PastComment, read

MAX_WHY_CHARS = 500
UNKNOWN_GUEST_NOTE = "by guests without an e-mail address, each an author of their own"

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
    """A comment in the words of ``PastComment``, before it is checked. ``notes`` say how its oddities were read."""

    place: str
    record: Record
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """An oddity of a comment that came in. Those with the same ``what`` are counted."""

    place: str
    what: str


Item = FoundRecord | Skipped | Bad
Checked = PastComment | Skipped | Bad | Noted


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """An opened file and what the operator said about it."""

    stream: BinaryIO
    columns: Mapping[str, str] = field(default_factory=dict)  # CSV: our field to their column
    statuses: Mapping[str, str] = field(default_factory=dict)  # CSV: their status to ours
    stories: Path | None = None  # Coral: the collection of stories
    users: Path | None = None  # Coral: the collection of users
    digest: Callable[[str], str] | None = None  # a keyed digest of a guest's e-mail address
    deleted: str | None = None  # Disqus: the status of deleted comments; None leaves them out


Reader = Callable[[ArchiveSource], Iterator[Item]]


def attempt(place: str, read: Callable[[], Item]) -> Item:
    """A bad place instead of the end of the import, if this one comment breaks the code that reads it."""
    try:
        return read()
    except FAULTS as e:
        return Bad(place, f"cannot be read: {type(e).__name__}: {e}"[:MAX_WHY_CHARS])


def guest(comment_id: str, name: str, address: str, digest: Callable[[str], str] | None) -> dict[str, str]:
    """The author of a guest's comment: by a keyed digest of the e-mail address, which is not kept itself.

    Without an address each comment has an author of its own, since many guests choose the same name.
    """
    key = digest(address.lower())[:32] if address and digest is not None else comment_id
    return {"id": f"guest:{key}"[:MAX_ID_CHARS], "name": name}


def checked(items: Iterator[Item]) -> Iterator[Checked]:
    """Each comment with its fields checked, and its notes behind it. A wrong one becomes a bad place that names every
    wrong field."""
    for item in items:
        if not isinstance(item, FoundRecord):
            yield item
            continue
        try:
            yield read(item.record)
        except InvalidInput as e:
            yield Bad(item.place, "; ".join(f"{problem.field} {problem.message}" for problem in e.problems))
        else:
            yield from (Noted(item.place, what) for what in item.notes)
