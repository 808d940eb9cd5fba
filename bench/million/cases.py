"""One call or page, made ready and timed as often as there is time for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench import in_ms, percentile, tell
from bench.plant import Clock

BUDGET_S = 20.0  # for one case on one database; it is done three times however long it takes
LEAST_ROUNDS = 3

Act = Callable[[], int]  # the timed call; returns the HTTP status


@dataclass(frozen=True, slots=True)
class Case:
    """``prepare`` makes ready, untimed, and returns the call to time. ``per`` divides the time of a call for many."""

    name: str
    prepare: Callable[[], Act]
    per: int = 1


@dataclass(slots=True)
class Times:
    """Seconds of each round, in order of size: on the wall clock, and of the processors."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def time_case(case: Case, rounds: int, size: int, clock: Clock) -> Times:
    """The first run warms up and does not count. Without any times if an answer was none that was expected."""
    times = Times()
    started = time.perf_counter()
    for number in range(rounds + 1):
        act = case.prepare()
        worked, before = clock(), time.perf_counter()
        status = act()
        took, work = time.perf_counter() - before, clock() - worked
        if status not in (200, 202):
            tell(f"{size:,}: {case.name} FAILED: {status}")
            return Times()
        if number:
            times.wall.append(took / case.per)
            times.processor.append(work / case.per)
        if len(times.wall) >= LEAST_ROUNDS and time.perf_counter() - started > BUDGET_S:
            break
    times.wall.sort()
    times.processor.sort()
    wall, processor = (in_ms(percentile(seconds, 0.5)) for seconds in (times.wall, times.processor))
    tell(f"{size:,}: {case.name}: p50 {wall} ms, the processor's {processor} ms")
    return times
