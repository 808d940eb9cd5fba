"""The time that one comment may take outside the encoder. The clock runs only while the comment is being read, so its
neighbours in a batch and the encoder do not use that time up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from math import ceil
from typing import TypeVar

from moderation.ground.errors import TooCostly

BUDGET_S = 0.05
STRIDE = 32
"""Steps of a loop between two looks at the clock. A look costs as much as a step."""

T = TypeVar("T")


class Budget:
    """A number of seconds that is used up while the budget is open (``with budget:``). It can be opened many times,
    also inside itself."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds = seconds
        self._clock = clock
        self._used = 0.0
        self._opened_at = 0.0
        self._depth = 0
        self._work = 1.0  # since the last look, in strides

    @property
    def used_s(self) -> float:
        """Seconds used so far, those since it was opened included."""
        return self._used + (self._clock() - self._opened_at if self._depth else 0.0)

    @property
    def is_spent(self) -> bool:
        return self.used_s > self.seconds

    def __enter__(self) -> Budget:
        if self._depth == 0:
            self._opened_at = self._clock()
        self._depth += 1
        return self

    def __exit__(self, *_error: object) -> None:
        if self._depth == 1:
            self._used = self.used_s
        self._depth -= 1

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stops the clock during work that other comments use too, such as making a site's word list ready for
        search."""
        depth = self._depth
        if depth:
            self._used, self._depth = self.used_s, 0
        try:
            yield
        finally:
            self._depth, self._opened_at = depth, self._clock()

    def check(self) -> None:
        """Raises TooCostly if the time is used up."""
        self._work = 0.0
        if self.used_s > self.seconds:
            raise TooCostly(self.seconds)

    def over(self, steps: Iterable[T], *, stride: int = STRIDE) -> Iterator[T]:
        """Yields the steps, and looks at the clock whenever as much work as ``stride`` of them was done since the last
        look, in this loop and in those before it: a comment has many loops of a few steps. Raises TooCostly."""
        left = iter(steps)
        while True:
            if self._work >= 1.0:
                self.check()
            most = max(1, ceil((1.0 - self._work) * stride))
            some = tuple(islice(left, most))
            self._work += len(some) / stride
            yield from some
            if len(some) < most:
                return


UNLIMITED = Budget(float("inf"), lambda: 0.0)
"""Without a limit, for texts that are read outside the queue: in a policy's preview, a command or a test."""
