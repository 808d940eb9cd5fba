"""Whether this process is stopping. Requests that hold their connection open then end, so that all ends in time."""

from __future__ import annotations

_is_stopping = False


def begin() -> None:
    """Called by a signal handler, so it only sets a flag."""
    global _is_stopping  # noqa: PLW0603 - a process stops once
    _is_stopping = True


def has_begun() -> bool:
    """Whether the process has been asked to stop."""
    return _is_stopping
