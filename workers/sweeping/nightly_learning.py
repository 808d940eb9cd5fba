"""Lets sites learn from new decisions once a night, in a process of its own, so that neither its memory nor its time is
the sweeper's.

Several sweepers may run: the one that notes the night first starts it. A process that dies starts again the next night.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import moderation
from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.environment.clock import utc_now
from moderation.operations.operating.deleting import retention

LEASE = "learn-nightly"
LEASE_FOR = timedelta(seconds=60)
LOOK_EVERY = timedelta(minutes=1)
NEVER = -1
COMMAND = (sys.executable, "-P", "-m", "workers", "learn", "--nightly")
STOP_WITHIN_S = 10.0

log = logging.getLogger(__name__)


class NightlyLearning:
    def __init__(
        self,
        database: Database,
        holder: str,
        *,
        hour: int,
        command: Sequence[str] = COMMAND,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """``hour`` of the day, in UTC; ``NEVER`` starts nothing."""
        self.database, self.holder, self.hour, self.command, self.now = database, holder, hour, tuple(command), now
        self._child: subprocess.Popen[bytes] | None = None
        self._look_at = now()

    def step(self) -> None:
        """Starts the night's learning if it is due, and returns at once."""
        self._look_after_child()
        now = self.now()
        if self._child is not None or self.hour == NEVER or now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY
        if self._claim(now):
            log.info("learning from the sites' new decisions begins")
            environ = os.environ | {"PYTHONPATH": str(Path(moderation.__file__).parents[1])}
            self._child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, env=environ)

    def stop(self) -> None:
        """Ends what it started. The scores made by then are kept."""
        if self._child is None:
            return
        self._child.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_WITHIN_S)
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()
        self._child = None

    def _claim(self, now: datetime) -> bool:
        """Whether this night is due and ours. A new installation waits for its first night."""
        with self.database.write() as conn:
            if not leases.take(conn, LEASE, self.holder, until=now + LEASE_FOR, now=now):
                return False
            lease = leases.find(conn, LEASE)
            planned = retention.schedule_after(lease, hour=self.hour, now=now)
            if planned.last_at is None or planned.is_due(now):
                leases.note(conn, LEASE, self.holder, {"began_at": now.isoformat()}, now=now)
            leases.give_back(conn, LEASE, self.holder, now=now)
        return planned.last_at is not None and planned.is_due(now)

    def _look_after_child(self) -> None:
        if self._child is None or self._child.poll() is None:
            return
        if self._child.returncode:
            log.error("learning ended with the exit status %d: see above", self._child.returncode)
        self._child = None
