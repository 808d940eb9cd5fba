"""Leaves a reader alone that failed several times in a row, or that asked for time, so that nobody waits for it and no
storm of calls keeps it down. The database has the count, for all processes; after a rest one call goes out first,
because one process at a time serves a site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from sqlalchemy.engine import Connection

from moderation.sites.second_readers import rows as readers
from moderation.spine.second_readings import rows as store

FAILURES = 3  # in a row
FIRST, LONGEST = timedelta(seconds=15), timedelta(minutes=10)  # of a rest, which doubles
LONGEST_ASKED = timedelta(hours=1)  # of one that the reader asked for
AWAITED = timedelta(hours=1)  # a comment waits no longer for an answer that may still help
NO_TIME = timedelta(0)


def note_answer(conn: Connection, reader_id: str) -> None:
    readers.note_answer(conn, reader_id)


def note_failure(conn: Connection, reader_id: str, asked_rest: timedelta | None, *, now: datetime) -> None:
    """Puts off all that is due where the reader rests from now on."""
    pause = length(readers.note_failure(conn, reader_id), asked_rest)
    if pause > NO_TIME:
        readers.rest(conn, reader_id, until=now + pause)
        put_off(conn, reader_id, until=now + pause, now=now)


def put_off(conn: Connection, reader_id: str, *, until: datetime, now: datetime) -> None:
    store.put_off(conn, reader_id, to=until, asked_before=now - AWAITED, now=now)


def length(failures: int, asked_rest: timedelta | None) -> timedelta:
    """Of the rest after so many failures in a row."""
    doubled = min(FIRST * 2 ** min(failures - FAILURES, 10), LONGEST) if failures >= FAILURES else NO_TIME
    return max(doubled, min(asked_rest or NO_TIME, LONGEST_ASKED))


def asked_rest(status: int, headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The rest that a busy server asks for: in seconds, or as a date of HTTP. None of anything else."""
    said = headers.get("retry-after", "").strip()
    if status not in (429, 503) or not said:
        return None
    if said.isascii() and said.isdigit():
        return timedelta(seconds=min(int(said[:9]), LONGEST_ASKED.total_seconds()))
    try:
        return max(NO_TIME, parsedate_to_datetime(said) - now)
    except (TypeError, ValueError):  # no date, or one without its zone
        return None
