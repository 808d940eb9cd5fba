"""Reads and writes which notifiers' notices a site does not take. The row goes with the end: the audit trail has who
did it and for how long, and nobody keeps an address longer than it is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.law.notices.notifiers import READER
from moderation.law.notices.tables import notifier_suspensions
from moderation.law.notices.values import Place
from moderation.spine.comments.tables import notices


@dataclass(frozen=True, slots=True)
class Suspension:
    id: str
    site_id: str
    notifier: str
    began_at: datetime
    until: datetime


def insert(conn: Connection, suspension: Suspension) -> None:
    values = {field.name: getattr(suspension, field.name) for field in fields(suspension)}
    conn.execute(notifier_suspensions.insert().values(values))


def in_force(conn: Connection, site_id: str, notifiers: Sequence[str], *, now: datetime) -> Mapping[str, datetime]:
    """The end of each by its notifier; those that are not suspended are left out."""
    columns = notifier_suspensions.c.notifier, notifier_suspensions.c.until
    held = sa.and_(_of(site_id, notifiers), notifier_suspensions.c.until > now)
    return {row.notifier: row.until for row in conn.execute(sa.select(*columns).where(held))}


def warned(conn: Connection, site_id: str, notifiers: Sequence[str]) -> set[str]:
    """The notifiers among these with a notice at the site whose receipt warned them."""
    query = sa.select(notices.c.notifier).where(
        notices.c.site_id == site_id, notices.c.notifier.in_(notifiers), notices.c.place == Place.UNFOUNDED
    )
    return set(conn.execute(query.distinct()).scalars())


def delete(conn: Connection, site_id: str, notifier: str, *, now: datetime) -> datetime | None:
    """Returns the end that it would have had; None if none held."""
    held = in_force(conn, site_id, [notifier], now=now)
    is_gone = conn.execute(notifier_suspensions.delete().where(_of(site_id, [notifier]))).rowcount == 1
    return held.get(notifier) if is_gone else None


def count_ended(conn: Connection, site_id: str, *, now: datetime) -> int:
    query = sa.select(sa.func.count()).select_from(notifier_suspensions).where(_ended(site_id, now))
    return conn.execute(query).scalar_one()


def delete_ended(conn: Connection, site_id: str, *, now: datetime) -> None:
    conn.execute(notifier_suspensions.delete().where(_ended(site_id, now)))


def forget_reader(conn: Connection, site_id: str, reader_id: str) -> int:
    """Returns how many there were."""
    return conn.execute(notifier_suspensions.delete().where(_of(site_id, [f"{READER}{reader_id}"]))).rowcount


def _of(site_id: str, notifiers: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.and_(notifier_suspensions.c.site_id == site_id, notifier_suspensions.c.notifier.in_(notifiers))


def _ended(site_id: str, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(notifier_suspensions.c.site_id == site_id, notifier_suspensions.c.until <= now)
