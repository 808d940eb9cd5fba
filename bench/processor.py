"""The processors' time of this process and of a PostgreSQL server on this machine, whatever else the machine does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from moderation.database.engine import Database

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
OWN = (14, 15)  # fields of /proc/PID/stat: the user's and the kernel's time of all threads
ENDED = (16, 17)  # the same of children that have ended

Clock = Callable[[], float]  # seconds


def clock_for(database: Database) -> Clock:
    """SQLite works in this process; of PostgreSQL, the time of every process of the server is added."""
    if database.is_sqlite:
        return time.process_time
    with database.read() as conn:
        folder = Path(conn.execute(sa.text("SHOW data_directory")).scalar_one())
    postmaster = int((folder / "postmaster.pid").read_text().split()[0])
    return lambda: time.process_time() + _server_s(postmaster)


def process_s(pid: int) -> float:
    """Of a running process, to a clock tick. Raises FileNotFoundError if it has ended."""
    return _ticks(pid, OWN) / TICKS


def tree_s(root: int) -> float:
    """Of a running process and all below it that run. Those that have ended do not count."""
    children = (PROC / f"{root}/task/{root}/children").read_text().split()
    return process_s(root) + sum(tree_s(int(child)) for child in children)


def _ticks(pid: int, of: tuple[int, ...]) -> int:
    fields = (PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(fields[n - 3]) for n in of)


def _server_s(postmaster: int) -> float:
    """Those that run to the nanosecond; those that have ended (helpers of a parallel query) to a clock tick."""
    children = (PROC / f"{postmaster}/task/{postmaster}/children").read_text().split()
    return _ticks(postmaster, ENDED) / TICKS + sum(map(_running_s, children))


def _running_s(pid: str) -> float:
    try:
        return int((PROC / pid / "schedstat").read_text().split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has just ended
