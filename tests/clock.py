"""Clocks that go when a test says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.builders import NOON


@dataclass(slots=True)
class Clock:
    """Called like ``time.monotonic``."""

    moment: float = 1_000.0

    def __call__(self) -> float:
        return self.moment


@dataclass(slots=True)
class WallClock:
    """Called like ``datetime.now``."""

    time: datetime = NOON

    def __call__(self) -> datetime:
        return self.time
