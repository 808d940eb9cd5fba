"""Puts learnt weights into force and out of it again. Each change is in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.insight.learning import rows as store
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note


def put_into_force(
    db: Database, site_id: str, signal: str, weights: bytes, report: Mapping[str, Any], *, by: Actor, now: datetime
) -> int:
    """Stores the weights as the site's next version, which workers take up within seconds. Returns its number."""
    with db.write() as conn:
        before = store.current_version(conn, site_id, signal)
        version = store.insert_weights(conn, site_id, signal, weights, report, now=now)
        note(
            conn,
            by,
            "weights.learnt",
            site_id=site_id,
            subject=signal,
            before={"version": before},
            after={"version": version, **report},
            now=now,
        )
    return version


def go_back(db: Database, site_id: str, signal: str, version: int | None, *, by: Actor, now: datetime) -> None:
    """Puts an earlier version back into force; None leaves the weights that everybody has. Raises NotFound."""
    with db.write() as conn:
        before = store.current_version(conn, site_id, signal)
        if not store.make_current(conn, site_id, signal, version):
            raise NotFound("version", str(version))
        note(
            conn,
            by,
            "weights.put_back",
            site_id=site_id,
            subject=signal,
            before={"version": before},
            after={"version": version},
            now=now,
        )
