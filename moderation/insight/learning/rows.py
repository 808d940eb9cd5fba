"""Decisions by people as labelled texts, and the versions of what was learnt from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import DecidedBy
from moderation.insight.learning.tables import site_weights

KEYS = "keys"  # decisions by API do not say by which key: all of them count as one person
TAUGHT_BY = (DecidedBy.MODERATOR, DecidedBy.API, DecidedBy.IMPORT)


@dataclass(frozen=True, slots=True)
class SiteWeightsRow:
    signal: str
    version: int
    weights: bytes
    report: Mapping[str, Any]
    is_current: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LearntVersion:
    """A version without its weights."""

    signal: str
    version: int
    report: Mapping[str, Any]  # what it learnt from, and how it was judged
    is_current: bool
    created_at: datetime


_WITHOUT_WEIGHTS = sa.select(
    site_weights.c.signal,
    site_weights.c.version,
    site_weights.c.report,
    site_weights.c.is_current,
    site_weights.c.created_at,
)


def current_weights(conn: Connection, site_id: str, signal: str) -> SiteWeightsRow | None:
    w = site_weights.c
    row = conn.execute(
        sa.select(site_weights)
        .where(w.site_id == site_id, w.signal == signal, w.is_current)
        .order_by(w.version.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _row(row)


def current_version(conn: Connection, site_id: str, signal: str) -> int | None:
    """Without the weights, which are large."""
    w = site_weights.c
    where = (w.site_id == site_id, w.signal == signal, w.is_current)
    version: int | None = conn.execute(sa.select(sa.func.max(w.version)).where(*where)).scalar()
    return version


def report_of(conn: Connection, site_id: str, signal: str, version: int) -> Mapping[str, Any] | None:
    """The examples of one version and how it was judged, without its weights; None if it was not kept."""
    w = site_weights.c
    where = (w.site_id == site_id, w.signal == signal, w.version == version)
    report: Mapping[str, Any] | None = conn.execute(sa.select(w.report).where(*where)).scalar()
    return report


def versions(conn: Connection, site_id: str, signal: str) -> list[SiteWeightsRow]:
    """Every version that was kept, newest first."""
    w = site_weights.c
    rows = conn.execute(
        sa.select(site_weights).where(w.site_id == site_id, w.signal == signal).order_by(w.version.desc())
    )
    return [_row(row) for row in rows]


def every_version(conn: Connection, site_id: str, *, limit: int) -> list[LearntVersion]:
    """Of all signals, the newest first."""
    w = site_weights.c
    newest = _WITHOUT_WEIGHTS.where(w.site_id == site_id).order_by(w.created_at.desc(), w.signal, w.version.desc())
    return [_learnt(row) for row in conn.execute(newest.limit(limit))]


def versions_in_use(conn: Connection, site_id: str) -> list[LearntVersion]:
    """One of each signal for which the site has learnt something that is in use."""
    w = site_weights.c
    return [_learnt(row) for row in conn.execute(_WITHOUT_WEIGHTS.where(w.site_id == site_id, w.is_current))]


def latest_version(conn: Connection, site_id: str, signal: str) -> int:
    """The number of the newest version that was kept, in force or not; 0 if there is none."""
    w = site_weights.c
    newest = conn.execute(sa.select(sa.func.max(w.version)).where(w.site_id == site_id, w.signal == signal)).scalar()
    return int(newest or 0)


def insert_weights(
    conn: Connection,
    site_id: str,
    signal: str,
    weights: bytes,
    report: Mapping[str, Any],
    *,
    now: datetime,
    is_current: bool = True,
) -> int:
    """Stores the next version, as the current one unless it is not offered. Returns its number."""
    version = latest_version(conn, site_id, signal) + 1
    if is_current:
        make_current(conn, site_id, signal, None)
    conn.execute(
        site_weights.insert(),
        {
            "site_id": site_id,
            "signal": signal,
            "version": version,
            "weights": weights,
            "report": dict(report),
            "is_current": is_current,
            "created_at": now,
        },
    )
    return version


def delete_unused(conn: Connection, site_id: str, signal: str, versions: Sequence[int]) -> int:
    """Deletes those of these versions that are not in force. Returns how many went."""
    w = site_weights.c
    mine = sa.and_(w.site_id == site_id, w.signal == signal, w.version.in_(versions), ~w.is_current)
    return conn.execute(site_weights.delete().where(mine)).rowcount


def find_report(conn: Connection, site_id: str, signal: str, version: int) -> LearntVersion | None:
    """One version, without its weights."""
    w = site_weights.c
    where = (w.site_id == site_id, w.signal == signal, w.version == version)
    row = conn.execute(_WITHOUT_WEIGHTS.where(*where)).one_or_none()
    return None if row is None else _learnt(row)


def reports(conn: Connection, site_id: str, signal: str) -> list[LearntVersion]:
    """Every version that was kept, newest first, without the weights, which are large."""
    w = site_weights.c
    rows = conn.execute(_WITHOUT_WEIGHTS.where(w.site_id == site_id, w.signal == signal).order_by(w.version.desc()))
    return [_learnt(row) for row in rows]


def current_reports(conn: Connection, signal: str) -> dict[str, LearntVersion]:
    """By site, the versions in force, without the weights."""
    w = site_weights.c
    rows = conn.execute(
        _WITHOUT_WEIGHTS.add_columns(w.site_id).where(w.signal == signal, w.is_current).order_by(w.site_id)
    )
    return {row.site_id: _learnt(row) for row in rows}


def make_current(conn: Connection, site_id: str, signal: str, version: int | None) -> bool:
    """Lets workers use this version, or none. True if the version exists, or none was asked for."""
    w = site_weights.c
    of_signal = (w.site_id == site_id, w.signal == signal)
    conn.execute(site_weights.update().where(*of_signal, w.is_current).values(is_current=False))
    if version is None:
        return True
    chosen = site_weights.update().where(*of_signal, w.version == version).values(is_current=True)
    return conn.execute(chosen).rowcount == 1


def _row(row: Any) -> SiteWeightsRow:
    return SiteWeightsRow(row.signal, row.version, row.weights, row.report, row.is_current, row.created_at)


def _learnt(row: Any) -> LearntVersion:
    return LearntVersion(row.signal, row.version, row.report, row.is_current, row.created_at)
