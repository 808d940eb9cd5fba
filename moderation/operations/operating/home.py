"""GAVEL_HOME: a folder for this user alone, which one set of processes holds at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from moderation.ground.database.usage import private_file
from moderation.ground.errors import SettingsError

FULL = (errno.ENOSPC, errno.EDQUOT)
OURS_ALONE = 0o077  # the umask takes these rights from everybody else
MARKS = ("gavel.db", "lock")  # a folder with one of these files belongs to Gavel alone
SECRETS = ("gavel.db", "gavel.db-wal", "gavel.db-shm", "gavel.db.before-*", "lock", "queue/password", "scoring/token")


class HomeInUse(SettingsError):
    """Another Gavel is running in this folder."""


def enter(home: Path) -> None:
    """Prepares the folder for a process that stays. Other users cannot read the files that it writes.

    Raises SettingsError if nothing can be written there.
    """
    os.umask(OURS_ALONE)
    make(home)
    _tighten(home)


def make(home: Path) -> None:
    """Raises SettingsError if the folder cannot be made or written in."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as e:
        if e.errno in FULL:
            return  # code that needs room there raises its own error
        raise SettingsError(f"GAVEL_HOME: cannot write in {home}: {e.strerror or e}") from e


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Holds the folder for this process. The lock ends with the process, even if it is killed. Raises HomeInUse."""
    make(home)
    with private_file(home / "lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            lock.seek(0)
            raise HomeInUse(f"Gavel already runs in {home}, as process {lock.read().strip() or '?'}") from e
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _tighten(home: Path) -> None:
    """Takes away rights that an earlier version left to everybody."""
    is_ours = any((home / mark).exists() for mark in MARKS) and not home.stat().st_mode & stat.S_ISVTX
    secrets = [path for pattern in SECRETS for path in home.glob(pattern)]
    for path in [*([home] if is_ours else []), *secrets]:
        with suppress(PermissionError, FileNotFoundError):  # another user's file, which is theirs to protect
            path.chmod(path.stat().st_mode & ~OURS_ALONE)
