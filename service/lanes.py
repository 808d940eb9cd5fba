"""The lane that this request's comment takes, by what this process last saw of the load."""

from __future__ import annotations

from flask import Flask, current_app

from moderation.model import Lane
from moderation.monitoring.instruments import instruments
from moderation.queueing.fairness import Shares, is_worth_waiting, lane_for
from moderation.store.database import Database
from service.context import utc_now

EXTENSION = "gavel.lanes"


def register(app: Flask, database: Database) -> None:
    app.extensions[EXTENSION] = Shares(database)


def may_hold(wait_s: int) -> bool:
    """Whether a reply held that long can be expected to bring the decision."""
    return wait_s > 0 and is_worth_waiting(wait_s, _shares().load(now=utc_now()))


def choose(site_id: str, wanted: Lane) -> Lane:
    """The lane for one more comment of the site, which is counted to it."""
    shares = _shares()
    lane = lane_for(site_id, wanted, shares.load(now=utc_now()))
    shares.took(site_id, lane)
    if lane is not wanted:
        instruments().demoted.inc()
    return lane


def _shares() -> Shares:
    shares: Shares = current_app.extensions[EXTENSION]
    return shares
