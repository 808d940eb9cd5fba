"""The one clock of each process: everything below its entrances gets the time from there."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
