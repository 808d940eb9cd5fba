"""Decisions: appended, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at
from moderation.ground.database.prepared import Prepared
from moderation.ground.errors import NotFound
from moderation.ground.values.decisions import Decision, Reasons, decision_from
from moderation.ground.values.statuses import DecidedBy
from moderation.ground.values.verdicts import ReasonCode
from moderation.sites.tables import moderators
from moderation.spine.comments.tables import comment_edits, comments, decisions

SHORTEST_DAYS = 1 / 24  # over which a pace is measured

_COLUMNS = [c.name for c in decisions.columns]
_INSERT = Prepared(decisions.insert(), given=_COLUMNS)
_WITH_NAME = sa.select(decisions, moderators.c.name.label("moderator_name")).outerjoin(
    moderators, moderators.c.id == decisions.c.moderator_id
)
_OF_COMMENT = (
    _WITH_NAME.where(decisions.c.comment_id == sa.bindparam("comment_id"))
    .order_by(decisions.c.version.desc())
    .limit(sa.bindparam("most"))
)
_BY_ID = _WITH_NAME.where(decisions.c.id.in_(sa.bindparam("ids", expanding=True)))
_REASONS = (
    sa.select(decisions.c.comment_id, decisions.c.reasons)
    .where(
        decisions.c.comment_id.in_(sa.bindparam("comment_ids", expanding=True)),
        ~sa.exists().where(
            comment_edits.c.comment_id == decisions.c.comment_id, comment_edits.c.version > decisions.c.version
        ),
    )
    .order_by(decisions.c.version)
)


def insert_decisions(conn: Connection, decided: Sequence[Decision]) -> None:
    """Raises IntegrityError where a comment version has its decision already."""
    if decided:
        _INSERT.write(conn, [_values(decision) for decision in decided])


def latest_decision(conn: Connection, comment_id: str) -> Decision | None:
    rows = decisions_of(conn, comment_id, limit=1)
    return rows[0] if rows else None


def decisions_of(conn: Connection, comment_id: str, *, limit: int = 100) -> list[Decision]:
    """Newest first."""
    return [decision_from(row) for row in conn.execute(_OF_COMMENT, {"comment_id": comment_id, "most": limit})]


def decisions_with(conn: Connection, condition: sa.ColumnElement[bool]) -> list[Decision]:
    """The decisions in the order in which they were made."""
    return [decision_from(row) for row in conn.execute(_WITH_NAME.where(condition).order_by(decisions.c.id))]


def get_decision(conn: Connection, site_id: str, decision_id: str) -> Decision:
    """Raises NotFound, also if the decision is of another site."""
    row = conn.execute(_WITH_NAME.where(decisions.c.id == decision_id, decisions.c.site_id == site_id)).one_or_none()
    if row is None:
        raise NotFound("decision", decision_id)
    return decision_from(row)


def find_decision(conn: Connection, decision_id: str) -> Decision | None:
    row = conn.execute(_WITH_NAME.where(decisions.c.id == decision_id)).one_or_none()
    return decision_from(row) if row else None


def decisions_by_id(conn: Connection, ids: Sequence[str]) -> list[Decision]:
    """The decisions in no order; those that are not there are left out."""
    return [decision_from(row) for row in conn.execute(_BY_ID, {"ids": ids})] if ids else []


def latest_by_comment(conn: Connection, comment_ids: Sequence[str]) -> dict[str, Decision]:
    """The newest decision of each comment that has one."""
    newest = (
        sa.select(decisions.c.comment_id, sa.func.max(decisions.c.version).label("version"))
        .where(decisions.c.comment_id.in_(comment_ids))
        .group_by(decisions.c.comment_id)
        .subquery()
    )
    query = _WITH_NAME.join(
        newest, sa.and_(newest.c.comment_id == decisions.c.comment_id, newest.c.version == decisions.c.version)
    )
    return {row.comment_id: decision_from(row) for row in conn.execute(query)}


def reasons_of(conn: Connection, comment_ids: Sequence[str]) -> dict[str, Reasons]:
    """The reasons of each comment's newest decision that gave any; none if the text was edited since."""
    rows = conn.execute(_REASONS, {"comment_ids": comment_ids}) if comment_ids else ()
    return {comment_id: tuple(reasons) for comment_id, reasons in rows if reasons}


def decided_since(conn: Connection, moment: datetime) -> int:
    """How many decisions the policy has made since then. Ids sort by time (UUIDv7), so the primary key finds them."""
    first = first_id_at(moment)
    query = sa.select(sa.func.count()).where(decisions.c.id >= first, decisions.c.decided_by == DecidedBy.POLICY)
    return conn.execute(query).scalar_one()


def cost_decided_since(conn: Connection, moment: datetime) -> int:
    """The cost of reading the comments that the policy has decided since then, in pieces. As ``decided_since``."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(comments.c.cost), 0))
        .select_from(decisions.join(comments, comments.c.id == decisions.c.comment_id))
        .where(decisions.c.id >= first_id_at(moment), decisions.c.decided_by == DecidedBy.POLICY)
    )
    return int(conn.execute(query).scalar_one())


def pace(conn: Connection, site_id: str, *, newest: int, now: datetime) -> float:
    """Decisions a day, from the time that the newest ``newest`` took. 0 without any."""
    asked = {"site_id": site_id, "newest": newest}
    count, since = conn.execute(_OF_NEWEST, asked).one()
    if since is None:
        return 0.0
    return float(count / max((now - since) / timedelta(days=1), SHORTEST_DAYS))


# Made once: batches of a worker run it. A thousand steps along the index take a tenth of the time of a window
_OF_SITE = decisions.c.site_id == sa.bindparam("site_id")
_newest = (
    sa.select(decisions.c.created_at)
    .where(_OF_SITE)
    .order_by(decisions.c.id.desc())
    .limit(sa.bindparam("newest"))
    .subquery()
)
_OF_NEWEST = sa.select(sa.func.count(), sa.func.min(_newest.c.created_at))


def _values(decision: Decision) -> dict[str, Any]:
    values = {name: getattr(decision, name) for name in _COLUMNS if name != "category"}
    return {**values, "category": decision.reason, "reasons": [dict(reason) for reason in decision.reasons]}


def first_reason(of: sa.FromClause) -> sa.ColumnElement[str]:
    """A decision's first reason, as ``comments.flagged_for`` names it: a signal, or else the reason's code. ``of`` is
    the table of decisions or an alias of it."""
    reason = of.c.reasons[0]
    return sa.func.coalesce(reason["signal"].as_string(), reason["code"].as_string())


def named_reason(of: sa.FromClause) -> sa.ColumnElement[str]:
    """The same, with a rule on several signals by the words that the site has for it."""
    reason = of.c.reasons[0]
    is_combined = reason["code"].as_string() == ReasonCode.COMBINED
    words = sa.case((is_combined, sa.func.nullif(reason["label"].as_string(), "")), else_=None)
    return sa.func.coalesce(words, first_reason(of))
