"""Coral's collections, as ``mongoexport`` writes them: comments, with stories and users beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from moderation.operations.importing.html_text import text_of
from moderation.operations.importing.jsonl import read_jsonl
from moderation.operations.importing.reading import ArchiveSource, Bad, FoundRecord, Item, NotReadable, Skipped, attempt

_STATUSES = {"APPROVED": "published", "NONE": "published", "REJECTED": "rejected"}
PICK_NOTE = "featured in Coral, now editor's picks"
_WAITING = frozenset({"PREMOD", "SYSTEM_WITHHELD"})


def read_coral(source: ArchiveSource) -> Iterator[Item]:
    """``NONE`` is a comment that is online without a moderator's decision. Of an edited comment the newest text counts,
    and a published one that is featured becomes an editor's pick.

    Raises NotReadable for a collection that is not what mongoexport writes.
    """
    stories, users = _collection(source.stories), _collection(source.users)
    for item in read_jsonl(source):
        yield attempt(item.place, partial(_comment, item, stories, users)) if isinstance(item, FoundRecord) else item


def _collection(path: Path | None) -> Mapping[str, Mapping[str, Any]]:
    if path is None:
        return {}
    documents: dict[str, Mapping[str, Any]] = {}
    with path.open("rb") as stream:
        for item in read_jsonl(ArchiveSource(stream)):
            if not isinstance(item, FoundRecord) or not isinstance(item.record.get("id"), str):
                where = item.place if isinstance(item, Bad | FoundRecord) else "a line"
                raise NotReadable(f"{path}: {where} is no document with an id")
            documents[item.record["id"]] = item.record
    return documents


def _comment(
    item: FoundRecord, stories: Mapping[str, Mapping[str, Any]], users: Mapping[str, Mapping[str, Any]]
) -> Item:
    document = item.record
    status = document.get("status")
    if document.get("deletedAt"):
        return Skipped("deleted by its author")
    if status in _WAITING:
        return Skipped("waiting for a decision")
    revisions = document.get("revisions")
    newest = revisions[-1] if isinstance(revisions, list) and revisions else {}
    if not isinstance(newest, Mapping):
        return Bad(item.place, "has a revision that is no object")
    body = document.get("body") or newest.get("body")
    author_id, story_id = str(document.get("authorID") or ""), str(document.get("storyID") or "")
    record: dict[str, object] = {
        "id": document.get("id"),
        "article": _article(story_id, stories.get(story_id, {})),
        "author": {"id": author_id, "name": _word(users.get(author_id, {}).get("username"))},
        "text": text_of(body) if isinstance(body, str) else body,
        "posted_at": _moment(document.get("createdAt")),
        "status": _STATUSES.get(str(status), status),
    }
    if document.get("parentID"):
        record["parent_id"] = document["parentID"]
    if record["status"] == "published" and (featured := _featured_at(document)) is not None:
        return FoundRecord(item.place, {**record, "featured_at": featured}, (PICK_NOTE,))
    return FoundRecord(item.place, record)


def _featured_at(document: Mapping[str, Any]) -> object | None:
    """The time of the tag, or of the comment where the tag has none."""
    tags = document.get("tags")
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, Mapping) and tag.get("type") == "FEATURED":
            return _moment(tag.get("createdAt") or document.get("createdAt"))
    return None


def _article(story_id: str, story: Mapping[str, Any]) -> dict[str, str]:
    told = story.get("metadata")
    metadata = told if isinstance(told, Mapping) else {}
    return {
        "id": story_id,
        "title": _word(metadata.get("title")),
        "url": _word(story.get("url")),
        "section": _word(metadata.get("section"))[:100],
    }


def _moment(value: object) -> object:
    """A date of MongoDB's extended JSON: ``{"$date": "2021-…Z"}``, or milliseconds, also as ``{"$numberLong": …}``."""
    if isinstance(value, Mapping) and "$date" in value:
        value = value["$date"]
    if isinstance(value, Mapping) and "$numberLong" in value:
        value = value["$numberLong"]
        value = int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value
    return value / 1000 if isinstance(value, int | float) and not isinstance(value, bool) else value


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
