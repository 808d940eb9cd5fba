"""The versions of a site's house model: kept with their reports, put into force, and found again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.insight.learning import rows as store
from moderation.insight.learning import site_weights
from moderation.insight.learning.rows import LearntVersion
from moderation.judging.signals.house import HOUSE
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note

MOST_REFUSED = 5  # versions that were not offered: the newest are kept, to be read
IN_TRAIL = ("decided", "rejected", "judged", "learnt_until", "general", "house", "both", "refusal")


def keep(db: Database, site_id: str, weights: bytes, report: Mapping[str, Any], *, by: Actor, now: datetime) -> int:
    """Stores the next version and puts it into force, unless its report has a refusal. Returns its number."""
    is_offered = report["refusal"] is None
    with db.write() as conn:
        before = store.current_version(conn, site_id, HOUSE.name)
        version = store.insert_weights(conn, site_id, HOUSE.name, weights, report, now=now, is_current=is_offered)
        refused = [row.version for row in store.reports(conn, site_id, HOUSE.name) if row.report.get("refusal")]
        store.delete_unused(conn, site_id, HOUSE.name, refused[MOST_REFUSED:])
        if is_offered:
            said = {"version": version, **{name: report[name] for name in IN_TRAIL}}
            note(
                conn,
                by,
                "weights.learnt",
                site_id=site_id,
                subject=HOUSE.name,
                before={"version": before},
                after=said,
                now=now,
            )
    return version


def use(db: Database, site_id: str, version: int | None, *, by: Actor, now: datetime) -> None:
    """Puts a version into force, or none: then comments have no such signal. Raises NotFound."""
    site_weights.go_back(db, site_id, HOUSE.name, version, by=by, now=now)


def newest(db: Database, site_id: str) -> LearntVersion | None:
    """In force or not, without its weights."""
    with db.read() as conn:
        rows = store.reports(conn, site_id, HOUSE.name)
    return rows[0] if rows else None


def found(db: Database, site_id: str, version: int | None) -> LearntVersion:
    """That version, else the one in force, without its weights. Raises NotFound."""
    with db.read() as conn:
        wanted = version or store.current_version(conn, site_id, HOUSE.name)
        row = store.find_report(conn, site_id, HOUSE.name, wanted) if wanted else None
    if row is None:
        raise NotFound("version of the house model", str(version or "in use"))
    return row
