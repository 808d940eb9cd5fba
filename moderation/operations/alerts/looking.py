"""Looks, every minute, for what a site's people want to hear of, and stores it once for each target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.moderators.queue import surges
from moderation.operations.alerts import look_rows, rows
from moderation.operations.alerts.values import Alert, AlertKind, Target

BACK = timedelta(days=1)  # a sweeper that was away finds what happened meanwhile
COUNTED = 10_000
HOUR = timedelta(hours=1)

Look = Callable[[Connection, Target, datetime], Iterator[Alert]]


def look(database: Database, now: datetime) -> int:
    """Returns how many alerts are new."""
    with database.read() as conn:
        targets = rows.targets(conn)
    stored = 0
    for target in targets:
        with database.read() as conn:
            alerts = [alert for kind in target.wish.kinds for alert in LOOKS[kind](conn, target, now)]
        with database.write() as conn:
            stored += sum(rows.insert_alert(conn, target.id, alert, now=now) for alert in alerts)
            rows.delete_old(conn, target.id, now=now)
    return stored


def _since(target: Target, now: datetime) -> datetime:
    return max(target.created_at, now - BACK)


def _threats(conn: Connection, target: Target, now: datetime) -> Iterator[Alert]:
    for comment_id in look_rows.threats(conn, target.site_id, _since(target, now)):
        yield Alert(AlertKind.THREAT, comment_id)


def _flagger(conn: Connection, target: Target, now: datetime) -> Iterator[Alert]:
    for notice_id in look_rows.flagger_notices(conn, target.site_id, _since(target, now)):
        yield Alert(AlertKind.FLAGGER, notice_id)


def _promises(conn: Connection, target: Target, now: datetime) -> Iterator[Alert]:
    for entry_id in look_rows.broken_promises(conn, target.site_id, _since(target, now)):
        yield Alert(AlertKind.PROMISE, entry_id)


def _second_readers(conn: Connection, target: Target, now: datetime) -> Iterator[Alert]:
    for entry_id in look_rows.second_readers_put_back(conn, target.site_id, _since(target, now)):
        yield Alert(AlertKind.SECOND_READER, entry_id)
    for reader_id in look_rows.silent_second_readers(conn, target.site_id):
        yield Alert(AlertKind.SECOND_READER, f"silent:{reader_id}", is_state=True)


def _size(conn: Connection, target: Target, _now: datetime) -> Iterator[Alert]:
    count = look_rows.held(conn, target.site_id, at_most=COUNTED)
    if count > target.wish.queue_size:
        yield Alert(AlertKind.QUEUE_SIZE, "queue", {"count": count}, is_state=True)


def _age(conn: Connection, target: Target, now: datetime) -> Iterator[Alert]:
    oldest = look_rows.oldest_held(conn, target.site_id)
    if oldest is not None and now - oldest > target.wish.queue_hours * HOUR:
        yield Alert(AlertKind.QUEUE_AGE, "queue", {"count": (now - oldest) // HOUR}, is_state=True)


def _surges(conn: Connection, target: Target, now: datetime) -> Iterator[Alert]:
    for surge in surges.look(conn, [target.site_id], now):
        title = surge.name[:200] if surge.kind == "article" else ""
        yield Alert(AlertKind.SURGE, f"{surge.kind}:{surge.id}", {"title": title}, is_state=True)


def _webhook(conn: Connection, target: Target, _now: datetime) -> Iterator[Alert]:
    if look_rows.has_failed_twice(conn, target.site_id):
        yield Alert(AlertKind.WEBHOOK, "webhook", is_state=True)


LOOKS: Mapping[AlertKind, Look] = {
    AlertKind.THREAT: _threats,
    AlertKind.FLAGGER: _flagger,
    AlertKind.QUEUE_SIZE: _size,
    AlertKind.QUEUE_AGE: _age,
    AlertKind.SURGE: _surges,
    AlertKind.PROMISE: _promises,
    AlertKind.SECOND_READER: _second_readers,
    AlertKind.WEBHOOK: _webhook,
}
