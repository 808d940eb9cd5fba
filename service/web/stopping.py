"""Whether this process was told to stop: whoever holds a connection open then lets it go, so that all ends in time."""

from __future__ import annotations

_told = False


def tell() -> None:
    """Called by a signal handler, so it only sets a flag."""
    global _told  # noqa: PLW0603 - a process stops once
    _told = True


def is_told() -> bool:
    return _told
