"""How many notices came lately: from one notifier, by one key, about one article, at one site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.law.notices.values import Outcome, Place
from moderation.spine.comments.tables import comment_edits, comments, notices

MOST_LOOKED_AT = 1_000
_FIRST = sa.text(f"place = '{Place.FIRST}'")  # in the words of its index, which SQLite compares letter by letter


@dataclass(frozen=True, slots=True)
class RecentNotice:
    """A notice that put its comment first in the queue."""

    article_id: str
    notifier: str | None
    key_id: str | None
    is_trusted: bool
    hid: bool


def first_since(conn: Connection, site_id: str, since: datetime) -> list[RecentNotice]:
    """Those that came after a moment, the newest first. There are few: their number within an hour is bounded."""
    columns = (notices.c.notifier, notices.c.key_id, notices.c.flagger, notices.c.hid)
    query = (
        sa.select(comments.c.article_id, *columns)
        .select_from(notices)
        .join(comments, comments.c.id == notices.c.comment_id)
        .where(notices.c.site_id == site_id, _FIRST, notices.c.received_at > since)
        .order_by(notices.c.received_at.desc())
        .limit(MOST_LOOKED_AT)
    )
    return [
        RecentNotice(row.article_id, row.notifier, row.key_id, row.flagger is not None, row.hid)
        for row in conn.execute(query)
    ]


def count_of_notifier(conn: Connection, site_id: str, notifier: str, *, since: datetime) -> int:
    """Their notices after a moment."""
    mine = _of(site_id, notifier, since)
    return conn.execute(sa.select(sa.func.count()).select_from(notices).where(mine)).scalar_one()


def outcomes_of_notifier(conn: Connection, site_id: str, notifier: str, *, since: datetime) -> Mapping[str, int]:
    """How many of their notices after a moment had each outcome."""
    answered = sa.and_(_of(site_id, notifier, since), notices.c.outcome.is_not(None))
    query = sa.select(notices.c.outcome, sa.func.count().label("n")).where(answered).group_by(notices.c.outcome)
    return Counter({Outcome(row.outcome): row.n for row in conn.execute(query)})


def edited_at(conn: Connection, comment_ids: list[str]) -> dict[str, datetime]:
    """When each comment got its present text, of those that were edited."""
    newest = sa.func.max(comment_edits.c.replaced_at, type_=comment_edits.c.replaced_at.type).label("at")
    query = sa.select(comment_edits.c.comment_id, newest).where(comment_edits.c.comment_id.in_(comment_ids))
    return {row.comment_id: row.at for row in conn.execute(query.group_by(comment_edits.c.comment_id))}


def _of(site_id: str, notifier: str, since: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(notices.c.site_id == site_id, notices.c.notifier == notifier, notices.c.received_at > since)
