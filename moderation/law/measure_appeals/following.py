"""Closes an open appeal when anything else than its own outcome ends or changes the measure, and opens it again when
that is undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.monitoring.instruments import instruments
from moderation.law.appeals import events
from moderation.law.appeals import rows as appeals
from moderation.law.appeals.values import AppealOutcome
from moderation.law.measure_appeals import rows as store


def settle(conn: Connection, author_id: str, *, now: datetime, due_at: datetime) -> None:
    """All that the author has open against measures in force: a mark has changed, and there is nothing left to decide.
    One against a measure that had run to its end stays."""
    for appeal in store.open_of(conn, author_id, now=now):
        if appeals.close(conn, appeal.id, AppealOutcome.SETTLED, now=now):
            settled = replace(appeal, outcome=AppealOutcome.SETTLED, decided_at=now)
            events.announce_decided(conn, settled, due_at=due_at)
            instruments().appeals.labels(AppealOutcome.SETTLED).inc()


def was_appealed(conn: Connection, measure_id: str) -> bool:
    """Whether its author knew of it, and the site hears of it whatever follows."""
    return appeals.of_measure(conn, measure_id) is not None


def reopen(conn: Connection, measure_id: str) -> None:
    """Of a measure that holds again because the one that changed it was undone. An author who heard that the appeal was
    closed hears that it is open."""
    appeal = appeals.of_measure(conn, measure_id)
    if appeal is None or appeal.outcome is not AppealOutcome.SETTLED or appeal.decided_at is None:
        return
    store.reopen(conn, appeal.id)
    if not store.cancel_decided(conn, appeal.author_id, appeal.decided_at):
        events.announce_received(conn, replace(appeal, outcome=None, decided_at=None))
