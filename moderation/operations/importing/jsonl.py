"""Gavel's own format: one JSON object a line, with the fields of ``PastComment``. Also the other two forms that
``mongoexport`` writes, an array with ``--jsonArray`` and objects over many lines with ``--pretty``."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from moderation.operations.importing.reading import ArchiveSource, Bad, FoundRecord, Item, NotReadable

MAX_LINE_BYTES = 1_000_000
_BETWEEN = re.compile(r"[\[\],\s]*")  # objects
_WAY_OUT = "export again with one object a line, which mongoexport does without --jsonArray and --pretty"


def read_jsonl(source: ArchiveSource) -> Iterator[Item]:
    """Empty lines are left out without a word. Raises NotReadable for an array that breaks off, after all that came
    before the place: the beginning of the next object is not clear there."""
    number = 0
    while line := source.stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1 and not begins_line(line.lstrip(codecs.BOM_UTF8 + b" \t\r\n")):
            yield from _objects(line, source.stream)
            return
        yield from _of_line(f"line {number}", line, source.stream)


def begins_line(beginning: bytes) -> bool:
    """Whether a file that begins so has one object a line. An array does not, nor an object over many lines."""
    return not beginning.startswith(b"[") and beginning.partition(b"\n")[0].strip() != b"{"


def _of_line(place: str, line: bytes, stream: BinaryIO) -> Iterator[Item]:
    if len(line) > MAX_LINE_BYTES:
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES)
        yield Bad(place, f"has more than {MAX_LINE_BYTES:,} bytes")
    elif line.strip():
        yield _item(place, line)


def _item(place: str, line: bytes) -> Item:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as e:
        return Bad(place, f"is not JSON: {e}")
    return FoundRecord(place, record) if isinstance(record, dict) else Bad(place, "is not a JSON object")


def _objects(beginning: bytes, stream: BinaryIO) -> Iterator[Item]:
    """Reads on until the next object is whole, so the memory does not depend on the file."""
    decoder, whole = codecs.getincrementaldecoder("utf-8-sig")(errors="strict"), json.JSONDecoder().raw_decode
    number, text, chunk, is_last = 1, "", beginning, False
    while not is_last:
        is_last, at = not chunk, 0
        try:
            text += decoder.decode(chunk, final=is_last)
            while (at := _after_signs(text, at)) < len(text):
                record, end = whole(text, at)
                place, number, at = f"object {number}", number + 1, end
                yield FoundRecord(place, record) if isinstance(record, dict) else Bad(place, "is not a JSON object")
        except (ValueError, RecursionError) as e:
            if is_last or len(text) - at > MAX_LINE_BYTES or isinstance(e, UnicodeDecodeError):
                raise NotReadable(f"object {number} is too long or not JSON ({e}): {_WAY_OUT}") from e
        text, chunk = text[at:], stream.read(MAX_LINE_BYTES)


def _after_signs(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return match.end() if match else at
