"""The order in which a worker looks at its lanes. The most urgent comes first, but some batches begin further back, so
that no flood of quick comments keeps the slow ones, or an import, waiting for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rq import Queue

from moderation.jobs.jobs import SLOW
from moderation.values.comments import Lane

EVERY = 8
FIRST_IN: Mapping[int, str] = MappingProxyType({3: SLOW, 7: Lane.BULK})
"""Of ``EVERY`` batches of a worker, those that begin with another lane. So the first comment of ``slow`` and the first
of ``bulk`` each wait behind ``EVERY`` - 1 batches of one worker at most, and one behind ``n`` batches of its own lane
behind ``EVERY`` × (n + 1) - 1."""


class LaneTurns:
    """Of one worker, which calls ``count`` for each batch that it takes."""

    def __init__(self) -> None:
        self._taken = 0

    def count(self) -> None:
        self._taken += 1

    def order(self, queues: Sequence[Queue]) -> list[Queue]:
        """``queues`` are by urgency."""
        first = FIRST_IN.get(self._taken % EVERY)
        return sorted(queues, key=lambda queue: queue.name != first)
