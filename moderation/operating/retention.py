"""How long a site keeps comments, by status. Comments that wait for a decision always stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from moderation.errors import FieldProblem, InvalidInput
from moderation.model import CommentStatus
from moderation.store import audit, retention, sites
from moderation.store.database import Database
from moderation.store.sites import Site

PURGED = (CommentStatus.PUBLISHED, CommentStatus.REJECTED, CommentStatus.WITHDRAWN)
PAGE = 100  # comments in a transaction; other writers get their turn between two
MAX_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Purged:
    site: str
    status: CommentStatus
    count: int


def keeping(site: Site) -> dict[CommentStatus, int]:
    """Days by status; a status that is missing is kept for good."""
    return {CommentStatus(status): days for status, days in site.settings.get("keep_days", {}).items()}


def choose(settings: Mapping[str, Any], days: Mapping[CommentStatus, int | None]) -> dict[str, Any]:
    """The site's settings with other days; None means for good. Raises InvalidInput."""
    kept = dict(settings.get("keep_days", {}))
    for status, count in days.items():
        if status not in PURGED:
            raise InvalidInput(FieldProblem(status, "waits for a decision and is always kept"))
        if count is None:
            kept.pop(status.value, None)
        elif 1 <= count <= MAX_DAYS:
            kept[status.value] = count
        else:
            raise InvalidInput(FieldProblem(status, f"must be between 1 and {MAX_DAYS:,} days"))
    return {**settings, "keep_days": kept}


def set_keeping(
    db: Database, site_id: str, days: Mapping[CommentStatus, int | None], *, by: str, now: datetime
) -> dict[CommentStatus, int]:
    """``by`` names the actor for the audit log, which records only changes. Raises InvalidInput and NotFound."""
    with db.write() as conn:
        site = sites.lock_site(conn, site_id)
        settings = choose(site.settings, days)
        change = {"before": site.settings.get("keep_days", {}), "after": settings["keep_days"]}
        if change["before"] != change["after"]:
            sites.update_site_settings(conn, site_id, settings)
            audit.note(conn, "site.retention", by=None, site_id=site_id, subject=by, now=now, **change)
    return keeping(replace(site, settings=settings))


def retain(db: Database, *, now: datetime, dry_run: bool = False) -> Iterator[Purged]:
    """Deletes the comments that no site wants to keep, page by page, and reports each page. A dry run only reports."""
    with db.read() as conn:
        every = sites.all_sites(conn)
    for site in every:
        for status, days in keeping(site).items():
            yield from _purge(db, site, status, now - timedelta(days=days), dry_run)


def _purge(db: Database, site: Site, status: CommentStatus, before: datetime, dry_run: bool) -> Iterator[Purged]:
    after: str | None = None
    while True:
        with db.read() as conn:
            page = retention.past_keeping(conn, site.id, status, before, after=after, limit=PAGE)
        if not page:
            return
        if not dry_run:
            with db.write() as conn:
                retention.delete_comments(conn, page)
        yield Purged(site.name, status, len(page))
        after = page[-1]
