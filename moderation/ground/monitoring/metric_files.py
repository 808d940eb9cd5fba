"""The memory-mapped files in which processes share their counts, made so that a full disk costs counts and nothing
else.

The client library maps files with holes. On a full disk, touching a hole kills the process, with no error that anybody
could catch (SIGBUS). Here every byte has its place on the disk before it is mapped. If there is no room, counting goes
on in memory, which only this process sees.
"""

from __future__ import annotations

import errno
import logging
import mmap
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

FIRST_BYTES = 1 << 16
HEADER_BYTES = 8  # they hold the number of bytes in use
NOT_SUPPORTED = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)

log = logging.getLogger(__name__)


class PreallocatedDict(MmapedDict):
    """Like the library's class, from which it inherits reading and writing. It is not thread safe either."""

    _f: Any  # the library's open file, or None for memory
    _m: Any

    def __init__(self, filename: str) -> None:
        try:
            _make_whole(filename)
            super().__init__(filename)  # type: ignore[no-untyped-call]
        except OSError as e:
            log.warning("counts stay in this process only: %s", e)
            self._f, self._fname = None, filename
            self._use_memory(FIRST_BYTES)
            self._positions: dict[str, int] = {}
            self._used = HEADER_BYTES
            self._m[:4] = self._used.to_bytes(4, "little")

    @property
    def is_on_disk(self) -> bool:
        """Whether the counts are in the shared file."""
        return self._f is not None

    def make_room(self, keys: Iterable[str]) -> None:
        """Makes room for all keys at once. After this ``is_on_disk`` is true only if all of them have their place
        there."""
        new = [key for key in keys if key not in self._positions]
        needed = self._used + sum(map(_bytes_of, new))
        while self._capacity < needed:
            self._grow(2 * self._capacity)

    def close(self) -> None:
        if self._f is None and self._m is not None:
            self._m.close()
            self._m = None
        super().close()  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        self.make_room([key])
        super()._init_value(key)  # type: ignore[no-untyped-call]

    def _grow(self, size: int) -> None:
        if self._f is not None:
            try:
                _allocate(self._f.fileno(), size)
                self._m, self._capacity = mmap.mmap(self._f.fileno(), size), size
                return
            except OSError as e:
                log.warning("new counts stay in this process only: %s", e)
                self._f.close()
                self._f = None
        self._use_memory(size)

    def _use_memory(self, size: int) -> None:
        memory = mmap.mmap(-1, size)
        before = getattr(self, "_m", None)
        if before is not None:
            memory[: len(before)] = before[:]
        self._m, self._capacity = memory, size


def read(path: str) -> list[tuple[str, float]]:
    """The counts in a file; none if it was cut off before anything was counted."""
    if os.path.getsize(path) < HEADER_BYTES:
        return []
    counts = MmapedDict.read_all_values_from_file(path)  # type: ignore[no-untyped-call]
    return [(key, value) for key, value, _timestamp, _position in counts]


def _make_whole(filename: str) -> None:
    """Makes the file, or fills the holes of an existing one. It appears only when all its bytes are there, so nobody
    can read half a file."""
    if os.path.exists(filename) and (size := os.path.getsize(filename)) > 0:
        with open(filename, "r+b") as file:
            _allocate(file.fileno(), size)
        return
    part = f"{filename}.part"
    try:
        with open(part, "wb") as file:
            _allocate(file.fileno(), FIRST_BYTES)
        os.replace(part, filename)
    except OSError:
        with suppress(OSError):
            os.unlink(part)
        raise


def _allocate(descriptor: int, size: int) -> None:
    """Raises OSError if the disk has no room."""
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, 0, size)
            return
        except OSError as e:
            if e.errno not in NOT_SUPPORTED:
                raise
    present = os.fstat(descriptor).st_size
    os.lseek(descriptor, 0, os.SEEK_END)
    while present < size:
        present += os.write(descriptor, bytes(size - present))


def _bytes_of(key: str) -> int:
    """The most bytes that a key takes: its length, itself with padding, two doubles."""
    return 4 + len(key.encode()) + 8 + 16


def use() -> None:
    """Makes the client library open its files in this way."""
    values.MmapedDict = PreallocatedDict  # type: ignore[attr-defined, assignment]
