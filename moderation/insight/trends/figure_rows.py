"""A site's figures, as they were counted last: one row of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.insight.trends.tables import site_figures


@dataclass(frozen=True, slots=True)
class Figures:
    content: Mapping[str, Any]
    counted_at: datetime


def keep(conn: Connection, site_id: str, kind: str, content: Mapping[str, Any], *, now: datetime) -> None:
    """Instead of those that were kept before."""
    f = site_figures.c
    conn.execute(site_figures.delete().where(f.site_id == site_id, f.kind == kind))
    conn.execute(site_figures.insert().values(site_id=site_id, kind=kind, content=dict(content), counted_at=now))


def find(conn: Connection, site_id: str, kind: str) -> Figures | None:
    """None if they were never counted."""
    f = site_figures.c
    row = conn.execute(sa.select(site_figures).where(f.site_id == site_id, f.kind == kind)).one_or_none()
    return None if row is None else Figures(row.content, row.counted_at)


def of_sites(conn: Connection, kind: str) -> dict[str, Figures]:
    """By site, those that counted them."""
    rows = conn.execute(sa.select(site_figures).where(site_figures.c.kind == kind))
    return {row.site_id: Figures(row.content, row.counted_at) for row in rows}
