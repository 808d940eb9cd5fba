"""Deletes the comments that a site no longer wants to keep, by status. A comment that waits for a decision stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.model import CommentStatus
from moderation.people import auditing
from moderation.people.actors import Actor
from moderation.store import retention, sites
from moderation.store.database import Database
from moderation.store.sites import Site

PAGE = 100  # comments a transaction: between two, other writers get their turn


@dataclass(frozen=True, slots=True)
class Purged:
    site: str
    status: CommentStatus
    count: int


def retain(db: Database, *, by: Actor, now: datetime, dry_run: bool = False) -> Iterator[Purged]:
    """Deletes page by page and reports each page. A dry run only reports.

    The audit trail says once for each site and status that a deletion began, and with the last page how many comments
    it took: one entry for each page would bury everything else.
    """
    with db.read() as conn:
        every = sites.all_sites(conn)
    for site in every:
        for status, days in site.settings.keep_days.items():
            yield from _Purge(db, site, status, days, by, now).run(dry_run)


@dataclass(frozen=True, slots=True)
class _Purge:
    db: Database
    site: Site
    status: CommentStatus
    days: int
    by: Actor
    now: datetime

    def run(self, dry_run: bool) -> Iterator[Purged]:
        after: str | None = None
        gone = 0
        while page := self._past_keeping(after):
            more = len(page) > PAGE
            page = page[:PAGE]
            if not dry_run:
                self._delete(page, gone, more)
            gone, after = gone + len(page), page[-1]
            yield Purged(self.site.name, self.status, len(page))
            if not more:
                return

    def _past_keeping(self, after: str | None) -> list[str]:
        before = self.now - timedelta(days=self.days)
        with self.db.read() as conn:
            return retention.past_keeping(conn, self.site.id, self.status, before, after=after, limit=PAGE + 1)

    def _delete(self, page: list[str], gone: int, more: bool) -> None:
        """``gone`` comments went before this page; ``more`` are to come."""
        said = {"status": self.status, "kept_days": self.days}
        with self.db.write() as conn:
            deleted = retention.delete_comments(conn, page)
            if more and not gone:
                self._note(conn, "retention.begun", said)
            if not more:
                self._note(conn, "retention.deleted", {**said, "comments": gone + deleted})

    def _note(self, conn: Connection, action: str, said: Mapping[str, object]) -> None:
        site = self.site
        auditing.note(conn, self.by, action, site_id=site.id, subject=site.name, after=said, now=self.now)
