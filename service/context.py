"""The parts that every request can reach: settings, database and queues, and the latest view of the load."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from moderation.ground.database.engine import Database
from moderation.ground.environment import clock
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.insight.learning.precedents import Precedents
from moderation.pipeline.arriving.backlog import Backlog
from moderation.pipeline.arriving.fairness import Shares
from moderation.pipeline.drafts.scoring_process import ScoringProcess
from service.openid.client import OpenId

EXTENSION = "gavel"

utc_now = clock.utc_now  # everything below the entrances gets the time from here


@dataclass(frozen=True, slots=True)
class Gavel:
    """The parts of one application."""

    settings: Settings
    database: Database
    queues: Queues
    backlog: Backlog
    shares: Shares
    scoring: ScoringProcess
    openid: OpenId | None
    precedents: Precedents = field(default_factory=Precedents)


def gavel() -> Gavel:
    """The parts of this application. Only inside a request or an application context."""
    return cast(Gavel, current_app.extensions[EXTENSION])
