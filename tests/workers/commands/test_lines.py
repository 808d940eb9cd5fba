"""Lines come as they are there, in order, each with its number, and never more of them than fits."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator

import pytest

from workers.commands.lines import BATCH_LINES, LINES_AHEAD, MAX_LINE_BYTES, in_batches, size_of


def test_a_writer_that_waits_for_each_answer_is_not_kept_waiting() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb", buffering=0) as sink:
        batches = in_batches(source)
        for number in range(3):
            sink.write(b"x\n")
            assert [line.number for line in next(batches)] == [number + 1]


def test_batches_hold_all_lines_in_order_and_no_empty_ones() -> None:
    content = b"".join(b"x\n" if n % 3 else b" \n" for n in range(1, 1001)) + b"no line end"

    batches = list(in_batches(io.BytesIO(content)))

    assert [line.number for batch in batches for line in batch] == [n for n in range(1, 1002) if n % 3]
    assert max(map(len, batches)) <= BATCH_LINES
    assert batches[-1][-1].raw == b"no line end"


@pytest.mark.parametrize(
    ("length", "is_too_long"), [(MAX_LINE_BYTES - 1, False), (MAX_LINE_BYTES, True), (5 * MAX_LINE_BYTES, True)]
)
def test_of_a_line_too_long_only_the_beginning_is_kept(length: int, is_too_long: bool) -> None:
    source = io.BytesIO(b"a\n" + b"x" * length + b"\nb\n")

    first, long, last = (line for batch in in_batches(source) for line in batch)

    assert (first.raw, last.raw, last.number) == (b"a\n", b"b\n", 3)
    assert long.is_too_long is is_too_long
    assert len(long.raw) <= MAX_LINE_BYTES + 1


@pytest.mark.parametrize("error", [OSError("the disk is gone"), ValueError("the file is closed"), MemoryError("full")])
def test_what_was_read_comes_before_the_failure_that_ended_it(error: Exception) -> None:
    class Broken(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            return super().readline(size) or self._fail()

        def _fail(self) -> bytes:
            raise error

    found: list[int] = []

    with pytest.raises(type(error), match=str(error)):
        found.extend(line.number for batch in in_batches(Broken(b"a\nb\n")) for line in batch)

    assert found == [1, 2]


def test_a_source_without_end_is_read_no_further_than_the_bound() -> None:
    taken, is_full = 0, threading.Event()

    class Endless(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            nonlocal taken
            taken += 1
            if taken > LINES_AHEAD:
                is_full.set()
            return b"x\n"

    batches: Iterator[object] = in_batches(Endless())
    next(batches)

    assert is_full.wait(60)
    assert taken <= LINES_AHEAD + BATCH_LINES + 2


def test_only_a_file_has_a_size() -> None:
    with open(__file__, "rb") as file:
        assert size_of(file) == os.path.getsize(__file__)
    assert size_of(io.BytesIO(b"x")) is None
