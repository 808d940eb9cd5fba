"""A table with a heading. The operator maps columns and statuses if they have other names than ours."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from moderation.operations.importing.reading import ArchiveSource, Bad, FoundRecord, Item, NotReadable, Skipped

FIELDS = (
    "id",
    "article_id",
    "article_title",
    "article_url",
    "article_section",
    "author_id",
    "author_name",
    "text",
    "parent_id",
    "posted_at",
    "status",
    "reason",
    "language",
)
REQUIRED = ("id", "article_id", "author_id", "text", "posted_at", "status")
MAX_FIELD_CHARS = 1_000_000
LEFT_OUT = "skip"


def read_csv(source: ArchiveSource) -> Iterator[Item]:
    """Raises NotReadable if there is no heading or a column is missing from it."""
    csv.field_size_limit(MAX_FIELD_CHARS)
    rows = csv.DictReader(io.TextIOWrapper(source.stream, encoding="utf-8-sig", newline="", errors="strict"))
    try:
        columns = _columns(rows.fieldnames, source.columns)
        for row in rows:
            yield _item(f"line {rows.line_num}", row, columns, source.statuses)
    except (csv.Error, UnicodeDecodeError) as e:
        raise NotReadable(f"line {rows.line_num + 1} is not CSV in UTF-8: {e}") from e


def _columns(heading: object, mapped: Mapping[str, str]) -> Mapping[str, str]:
    """Our fields and the columns that hold them."""
    given = list(heading) if isinstance(heading, list) else []
    if not given:
        raise NotReadable("the file has no heading")
    if unknown := sorted(mapped.keys() - set(FIELDS)):
        raise NotReadable(f"--map {unknown[0]}: is none of {', '.join(FIELDS)}")
    columns = {name: mapped.get(name, name) for name in FIELDS}
    for name, column in columns.items():
        if column not in given and (name in REQUIRED or name in mapped):
            raise NotReadable(f"no column {column!r} for {name}: the heading has {', '.join(map(repr, given))}")
    return {name: column for name, column in columns.items() if column in given}


def _item(
    place: str, row: Mapping[str | None, object], columns: Mapping[str, str], statuses: Mapping[str, str]
) -> Item:
    if None in row:
        return Bad(place, "has more fields than the heading")
    cells = {name: row[column] for name, column in columns.items()}
    if None in cells.values():
        return Bad(place, "has fewer fields than the heading")
    values = {name: str(cell).strip() for name, cell in cells.items() if str(cell).strip()}
    status = statuses.get(values.get("status", ""), values.get("status", ""))
    if status == LEFT_OUT:
        return Skipped(f"status {values.get('status')!r}")
    record: dict[str, object] = {
        name: values[name] for name in ("id", "text", "parent_id", "posted_at", "reason", "language") if name in values
    }
    record["status"] = status
    record["article"] = _part(values, "article_", ("id", "title", "url", "section"))
    record["author"] = _part(values, "author_", ("id", "name"))
    return FoundRecord(place, record)


def _part(values: Mapping[str, str], prefix: str, names: tuple[str, ...]) -> dict[str, str]:
    return {name: values[prefix + name] for name in names if prefix + name in values}
