"""The parts that every request can reach: settings, database and queues, and the latest view of the load."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from flask import current_app

from moderation.checking.scoring_process import ScoringProcess
from moderation.learning.precedents import Precedents
from moderation.queueing.backlog import Backlog
from moderation.queueing.fairness import Shares
from moderation.queueing.jobs import Queues
from moderation.settings import Settings
from moderation.store.database import Database

EXTENSION = "gavel"


@dataclass(frozen=True, slots=True)
class Gavel:
    """The parts of one application."""

    settings: Settings
    database: Database
    queues: Queues
    backlog: Backlog
    shares: Shares
    scoring: ScoringProcess
    precedents: Precedents = field(default_factory=Precedents)


def gavel() -> Gavel:
    """The parts of this application. Only inside a request or an application context."""
    return cast(Gavel, current_app.extensions[EXTENSION])


def utc_now() -> datetime:
    """The one clock of the service: everything below gets the time from here."""
    return datetime.now(UTC)
