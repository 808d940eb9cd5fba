"""The order in which a worker looks at its lanes. The most urgent comes first, but after so many batches of readers'
quick comments one begins further back, so that none of these keeps the slow ones, or an import, waiting for ever."""

from __future__ import annotations

from collections.abc import Sequence

from rq import Queue

from moderation.ground.jobs.jobs import SLOW
from moderation.ground.values.comments import Lane

BEHIND = (SLOW, Lane.BULK)
EVERY = 8
"""At least one batch of so many is of the lanes behind, if they have any: one that follows ``EVERY`` - 1 others. Where
the worker comes to them anyway, no reader's comment waits for it."""

BULK_EVERY = 4
"""Of so many of these batches one begins with ``bulk``. So the first comment of ``slow`` waits behind 2 × ``EVERY`` - 1
batches of one worker at most, and the first of ``bulk`` behind ``BULK_EVERY`` × ``EVERY`` - 1."""


QUIET_AFTER = 32
"""Batches in a row without one of readers' comments: some eight seconds of work."""


class LaneTurns:
    """Of one worker, which calls ``count`` for each batch that it takes."""

    def __init__(self) -> None:
        self._urgent, self._behind, self._since_readers = 0, 0, QUIET_AFTER

    @property
    def is_quiet(self) -> bool:
        """Whether no reader's comment came of late, as in the night or while an archive is scored."""
        return self._since_readers >= QUIET_AFTER

    def count(self, queue: Queue) -> None:
        self._since_readers = self._since_readers + 1 if queue.name == Lane.BULK else 0
        if queue.name in BEHIND:
            self._urgent, self._behind = 0, self._behind + 1
        else:  # when it was the turn of those behind, they had none
            self._urgent = self._urgent + 1 if self._urgent < EVERY - 1 else 0

    def order(self, queues: Sequence[Queue]) -> list[Queue]:
        """``queues`` are by urgency."""
        urgent = [queue for queue in queues if queue.name not in BEHIND]
        behind = [queue for queue in queues if queue.name in BEHIND]
        if self._behind % BULK_EVERY == BULK_EVERY - 1:
            behind.reverse()
        return [*behind, *urgent] if self._urgent == EVERY - 1 else [*urgent, *behind]
