"""Checks after a run: each accepted comment decided once per version, one event per decision, no gap, none waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.traffic import FeedReader, Traffic
from bench.wire import Wire, bearer
from moderation.comments.tables import comments, decisions
from moderation.database.engine import Database
from moderation.events.tables import events

TOLD_WITHIN_S = 60.0  # moderators' decisions are held back for an undo


@dataclass(frozen=True, slots=True)
class Checks:
    comments: int
    decisions: int
    events: int  # of the feed
    lost: int  # accepted and not stored
    unsent: int  # stored and never accepted
    waiting: int
    undecided: int  # without a decision for the present version
    decided_twice: int  # versions
    decisions_untold: int
    decisions_told_twice: int
    feed_gaps: int
    feed_left_out: int
    refused: int

    def failures(self) -> Sequence[str]:
        wrong = {
            "accepted comments that are not stored": self.lost,
            "stored comments that were never accepted": self.unsent,
            "comments still waiting": self.waiting,
            "comments whose version no decision made": self.undecided,
            "versions decided twice": self.decided_twice,
            "decisions without an event": self.decisions_untold,
            "decisions with two events": self.decisions_told_twice,
            "gaps in the feed": self.feed_gaps,
            "events left out of the feed": self.feed_left_out,
            "comments refused": self.refused,
        }
        return [f"{count:,} {what}" for what, count in wrong.items() if count]


async def look(database: Database, port: int, key: str, traffic: Traffic, feed: FeedReader) -> Checks:
    """Reads the feed to its end first."""
    await _told(database)
    wire = Wire(port, bearer(key))
    while await feed.read_page(wire):
        pass
    wire.close()
    with database.read() as conn:
        return _count(conn, traffic, feed)


def _count(conn: Connection, traffic: Traffic, feed: FeedReader) -> Checks:
    stored = set(conn.execute(sa.select(comments.c.external_id)).scalars())
    accepted = {f"s-{number}" for number in range(traffic.sent) if number not in traffic.refused}
    made = sa.and_(decisions.c.comment_id == comments.c.id, decisions.c.version == comments.c.version - 1)
    twice = sa.select(decisions.c.comment_id).group_by(decisions.c.comment_id, decisions.c.version)
    told = sa.select(events.c.decision_id).where(events.c.decision_id.is_not(None)).group_by(events.c.decision_id)
    more_than_one = sa.func.count() > 1
    in_feed = events.c.sequence.is_not(None)
    return Checks(
        comments=len(stored),
        decisions=_rows(conn, sa.select(decisions.c.id)),
        events=feed.last,
        lost=len(accepted - stored),
        unsent=len(stored - accepted),
        waiting=_rows(conn, sa.select(comments.c.id).where(comments.c.status == "waiting")),
        undecided=_rows(conn, sa.select(comments.c.id).where(~sa.exists().where(made))),
        decided_twice=_rows(conn, twice.having(more_than_one)),
        decisions_untold=_rows(
            conn, sa.select(decisions.c.id).where(~sa.exists().where(events.c.decision_id == decisions.c.id))
        ),
        decisions_told_twice=_rows(conn, told.having(more_than_one)),
        feed_gaps=feed.gaps,
        feed_left_out=_rows(conn, sa.select(events.c.id).where(in_feed)) - feed.last + _rows(conn, _unreleased()),
        refused=len(traffic.refused),
    )


async def _told(database: Database) -> None:
    until = time.perf_counter() + TOLD_WITHIN_S
    while time.perf_counter() < until:
        with database.read() as conn:
            if not _rows(conn, _unreleased()):
                return
        await asyncio.sleep(0.5)


def _unreleased() -> sa.Select[tuple[str]]:
    return sa.select(events.c.id).where(events.c.sequence.is_(None), events.c.cancelled_at.is_(None))


def _rows(conn: Connection, query: sa.Select[tuple[str]]) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
