"""What every command is given."""

from __future__ import annotations

from typing import Protocol

from moderation.jobs import Queues, connect_for_web
from moderation.settings import Settings
from moderation.store.database import Database


class Operated(Protocol):
    @property
    def settings(self) -> Settings: ...

    def database(self) -> Database:
        """Raises StorageNotReady unless the database is migrated."""


def queues_of(settings: Settings) -> Queues:
    """They fail at once when Redis is away: somebody waits at a terminal."""
    return Queues(connect_for_web(settings.redis_url), job_timeout_s=settings.batch_timeout_s)
