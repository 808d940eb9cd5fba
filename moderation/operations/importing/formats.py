"""The formats by name, and which one a file most likely has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from moderation.operations.importing.coral import read_coral
from moderation.operations.importing.csv_table import read_csv
from moderation.operations.importing.disqus import read_disqus
from moderation.operations.importing.jsonl import begins_line, read_jsonl
from moderation.operations.importing.reading import NotReadable, Reader
from moderation.operations.importing.wordpress import read_wordpress

FORMATS: Mapping[str, Reader] = {
    "jsonl": read_jsonl,
    "csv": read_csv,
    "disqus": read_disqus,
    "wordpress": read_wordpress,
    "coral": read_coral,
}
_SEEN = 65_536


def likely_format(path: Path) -> str:
    """The format that the beginning of the file speaks for. Raises NotReadable if it could be anything."""
    with path.open("rb") as stream:
        beginning = stream.read(_SEEN).lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"http://disqus.com" in beginning:
        return "disqus"
    if b"wordpress.org/export" in beginning:
        return "wordpress"
    if beginning.startswith((b"{", b"[")):
        first = beginning.partition(b"\n")[0] if begins_line(beginning) else beginning
        return "coral" if b'"storyID"' in first else "jsonl"
    if path.suffix.lower() == ".csv":
        return "csv"
    raise NotReadable(f"the format of {path} is not clear: name it with --format")
