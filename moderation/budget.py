"""The time that one comment may take outside the encoder. Its clock runs only while the comment is being read, so that
neither its neighbours in a batch nor the encoder use it up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from moderation.errors import TooCostly

BUDGET_S = 0.05
STRIDE = 32
"""Steps of a loop between two looks at the clock: a look costs as much as a step."""

T = TypeVar("T")


class Budget:
    """Seconds that are used up while it is open (``with budget:``). It may be opened many times, also inside itself."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds = seconds
        self._clock = clock
        self._used = 0.0
        self._opened_at = 0.0
        self._depth = 0

    @property
    def used_s(self) -> float:
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
        """For work that others will use as well, such as making a site's list ready for search."""
        depth = self._depth
        if depth:
            self._used, self._depth = self.used_s, 0
        yield
        self._depth, self._opened_at = depth, self._clock()

    def check(self) -> None:
        """Raises TooCostly where the time is spent."""
        if self.is_spent:
            raise TooCostly(self.seconds)

    def over(self, steps: Iterable[T], *, stride: int = STRIDE) -> Iterator[T]:
        """The steps, with a look at the clock before the first, after each few, and at the end. Raises TooCostly."""
        for number, step in enumerate(steps):
            if number % stride == 0:
                self.check()
            yield step
        self.check()


UNLIMITED = Budget(float("inf"), lambda: 0.0)
"""For texts that wait for no worker: a policy's preview, a command, a test."""
