"""Reads lines as they come, in batches, ahead of the code that works on them, and never more bytes than a limit."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from typing import BinaryIO

BATCH_LINES = 64
LINES_AHEAD = 2 * BATCH_LINES
MAX_LINE_BYTES = 2 * 1024 * 1024
"""Eight times the largest body that the API accepts. Of a longer line one more byte is kept, so that its length
shows."""


@dataclass(frozen=True, slots=True)
class InputLine:
    number: int
    raw: bytes

    @property
    def is_too_long(self) -> bool:
        return len(self.raw) > MAX_LINE_BYTES


def standard_input() -> BinaryIO:
    """Standard input as a file of our own: Python aborts at exit while a thread still waits for ``sys.stdin``."""
    return open(0, "rb", closefd=False)


def in_batches(source: BinaryIO) -> Iterator[list[InputLine]]:
    """The lines that have arrived, at most a batch. It waits for one line, never for a full batch, and skips empty
    ones.

    Raises the source's error, as OSError, if it cannot be read any further, after the lines before that.
    """
    ahead: Queue[InputLine | Exception | None] = Queue(maxsize=LINES_AHEAD)
    Thread(target=_read_ahead, args=(source, ahead), daemon=True).start()
    while True:
        batch: list[InputLine] = []
        last = ahead.get()
        while isinstance(last, InputLine):
            batch.append(last)
            if len(batch) == BATCH_LINES:
                break
            try:
                last = ahead.get_nowait()
            except Empty:
                break
        if batch:
            yield batch
        if isinstance(last, Exception):
            raise last
        if last is None:
            return


def size_of(source: BinaryIO) -> int | None:
    """The size of the source in bytes, if it is a file."""
    try:
        status = os.fstat(source.fileno())
    except (OSError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _read_ahead(source: BinaryIO, ahead: Queue[InputLine | Exception | None]) -> None:
    try:
        for number, raw in enumerate(_raw_lines(source), start=1):
            if raw.strip():
                ahead.put(InputLine(number, raw))
    except Exception as e:  # noqa: BLE001 - it is raised where the lines are read, which would wait for ever
        ahead.put(e)
    else:
        ahead.put(None)


def _raw_lines(source: BinaryIO) -> Iterator[bytes]:
    while raw := source.readline(MAX_LINE_BYTES + 1):
        rest = raw
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = source.readline(MAX_LINE_BYTES + 1)
        yield raw
