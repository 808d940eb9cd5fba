"""A clock that goes when a test says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """Called like ``time.monotonic``."""

    moment: float = 1_000.0

    def __call__(self) -> float:
        return self.moment
