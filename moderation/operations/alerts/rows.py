"""The SQL of alerts. A message takes its alerts before it is sent: a process that dies sends nothing twice."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.engine import first_id_at, new_id
from moderation.ground.database.inserting import insert_into
from moderation.ground.errors import NotFound
from moderation.operations.alerts.tables import alert_targets, alerts
from moderation.operations.alerts.values import Alert, AlertKind, AlertWish, Channel, Target

AGAIN_AFTER = timedelta(hours=6)  # a state that holds, or comes and goes, alerts once in this time
KEPT = timedelta(days=30)
MOST_IN_MESSAGE = 500
_UNSENT = alerts.c.message_id.is_(None)


def insert_target(conn: Connection, site_id: str, wish: AlertWish, *, now: datetime) -> str:
    target_id, parts = new_id(), asdict(wish)
    row = {"id": target_id, "site_id": site_id, "channel": parts.pop("channel"), "address": parts.pop("address")}
    conn.execute(alert_targets.insert().values(**row, wish=parts, created_at=now, next_at=now))
    return target_id


def targets(conn: Connection, site_id: str | None = None) -> list[Target]:
    """Those of a site, or all."""
    query = sa.select(alert_targets).order_by(alert_targets.c.site_id, alert_targets.c.id)
    mine = query if site_id is None else query.where(alert_targets.c.site_id == site_id)
    return [_target(row) for row in conn.execute(mine)]


def get_target(conn: Connection, site_id: str, target_id: str) -> Target:
    """Raises NotFound."""
    mine = sa.and_(alert_targets.c.id == target_id, alert_targets.c.site_id == site_id)
    row = conn.execute(sa.select(alert_targets).where(mine)).one_or_none()
    if row is None:
        raise NotFound("alert target", target_id)
    return _target(row)


def delete_target(conn: Connection, target_id: str) -> bool:
    conn.execute(alerts.delete().where(alerts.c.target_id == target_id))
    return conn.execute(alert_targets.delete().where(alert_targets.c.id == target_id)).rowcount == 1


def insert_alert(conn: Connection, target_id: str, alert: Alert, *, now: datetime) -> bool:
    """False if the target has it already. Two that insert one at once agree on its key."""
    key = alert.subject
    if alert.is_state:
        mine = (alerts.c.target_id == target_id, alerts.c.kind == alert.kind, alerts.c.subject == alert.subject)
        query = sa.select(alerts.c.id, alerts.c.created_at).where(*mine).order_by(alerts.c.id.desc()).limit(1)
        last = conn.execute(query).one_or_none()
        if last is not None and now < last.created_at + AGAIN_AFTER:
            return False
        key += f"#{last.id if last is not None else ''}"
    row = {"target_id": target_id, "kind": alert.kind, "subject": alert.subject, "facts": dict(alert.facts)}
    statement = insert_into(conn, alerts).values(id=new_id(), key=key, created_at=now, **row)
    return conn.execute(statement.on_conflict_do_nothing().returning(alerts.c.id)).first() is not None


def delete_old(conn: Connection, target_id: str, *, now: datetime) -> None:
    old = sa.and_(alerts.c.target_id == target_id, alerts.c.id < first_id_at(now - KEPT))
    conn.execute(alerts.delete().where(old))


def sites_with_due(conn: Connection, now: datetime) -> list[str]:
    return list(conn.execute(sa.select(alert_targets.c.site_id).where(_is_due(now)).distinct()).scalars())


def due_targets(conn: Connection, site_id: str, now: datetime) -> list[Target]:
    mine = sa.select(alert_targets).where(alert_targets.c.site_id == site_id, _is_due(now))
    return [_target(row) for row in conn.execute(mine.order_by(alert_targets.c.next_at, alert_targets.c.id))]


def postpone(conn: Connection, target: Target, until: datetime) -> bool:
    """False if somebody else did something with the target meanwhile."""
    same = sa.and_(alert_targets.c.id == target.id, alert_targets.c.next_at == target.next_at)
    return conn.execute(alert_targets.update().where(same).values(next_at=until)).rowcount == 1


def take(conn: Connection, target_id: str, message_id: str) -> list[Alert]:
    """Takes what waits into a message, the oldest first."""
    waiting = sa.select(alerts.c.id).where(alerts.c.target_id == target_id, _UNSENT)
    ids = list(conn.execute(waiting.order_by(alerts.c.id).limit(MOST_IN_MESSAGE)).scalars())
    conn.execute(alerts.update().where(alerts.c.id.in_(ids), _UNSENT).values(message_id=message_id))
    taken = sa.select(alerts).where(alerts.c.message_id == message_id, alerts.c.target_id == target_id)
    rows = conn.execute(taken.order_by(alerts.c.id))
    return [Alert(AlertKind(row.kind), row.subject, row.facts) for row in rows]


def note_sent(conn: Connection, target_id: str) -> None:
    conn.execute(alert_targets.update().where(alert_targets.c.id == target_id).values(attempts=0, last_error=None))


def note_failure(conn: Connection, target: Target, message_id: str, error: str, *, next_at: datetime | None) -> None:
    """Without a next attempt the message is given up, and later alerts begin anew."""
    values: dict[str, Any] = {"attempts": 0, "last_error": error}
    if next_at is not None:
        values |= {"attempts": target.attempts + 1, "next_at": next_at}
        mine = sa.and_(alerts.c.target_id == target.id, alerts.c.message_id == message_id)
        conn.execute(alerts.update().where(mine).values(message_id=None))
    conn.execute(alert_targets.update().where(alert_targets.c.id == target.id).values(**values))


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    waits = sa.select(alerts.c.id).where(alerts.c.target_id == alert_targets.c.id, _UNSENT).exists()
    return sa.and_(alert_targets.c.next_at <= now, waits)


def _target(row: Row[Any]) -> Target:
    parts = {**row.wish, "kinds": tuple(map(AlertKind, row.wish["kinds"]))}
    wish = AlertWish(channel=Channel(row.channel), address=row.address, **parts)
    return Target(row.id, row.site_id, wish, row.created_at, row.next_at, row.attempts, row.last_error)
