"""What every request may reach: the settings, the database and the queues of this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import current_app

from moderation.queueing.jobs import Queues
from moderation.settings import Settings
from moderation.store.database import Database

EXTENSION = "gavel"


@dataclass(frozen=True, slots=True)
class Gavel:
    settings: Settings
    database: Database
    queues: Queues


def gavel() -> Gavel:
    """This application's; only inside a request or an application context."""
    return cast(Gavel, current_app.extensions[EXTENSION])


def utc_now() -> datetime:
    """The one clock of the service; everything below is told the time."""
    return datetime.now(UTC)
