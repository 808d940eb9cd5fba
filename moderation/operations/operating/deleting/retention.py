"""Deletes the comments that sites no longer keep, by status, the texts of withdrawn comments, old labels, old vectors,
and readers' addresses.

A comment that waits for a decision stays. The sweeper does this every day, and ``retain`` at a terminal at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.engine import Connection

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database, first_id_at
from moderation.ground.database.lease_rows import Lease
from moderation.ground.database.paging import pages
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.learning import vector_rows as vectors
from moderation.law.notices import rows as notices
from moderation.law.notices import suspension_rows as suspensions
from moderation.moderators.review import label_rows as labels
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.sites import rows as sites
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor
from moderation.sites.rows import Site
from moderation.sites.rules import writing as rule_book
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments import fact_rows as facts

MOST_VECTORS = 50_000  # of a site: the comments that people decided last, and as many others
ADDRESS_DAYS = 30  # as the documentation promises, here and below
CONTACT_DAYS = 30  # after the decision on a notice
EVERY_SITE = "every site"  # whose addresses are forgotten, since no site may keep them longer
PAGE = 100  # comments per transaction, so that others can write in between
LEASE = "retention"  # of the daily run, and the note of the last one
DAY = timedelta(days=1)


class Deletion(StrEnum):
    """The kinds of deletion. A site sets a time for each but the notices' contacts and the last three."""

    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    WITHDRAWN_TEXT = "withdrawn_text"
    LABELS = "labels"
    NOTICES = "notices"
    NOTICE_CONTACTS = "notice_contacts"
    SUSPENSIONS = "suspensions"
    VECTORS = "vectors"
    ADDRESS = "address"


WORDS: Mapping[Deletion, str] = {
    Deletion.PUBLISHED: "published comments",
    Deletion.REJECTED: "rejected comments",
    Deletion.WITHDRAWN: "withdrawn comments",
    Deletion.WITHDRAWN_TEXT: "texts of withdrawn comments",
    Deletion.LABELS: "labels",
    Deletion.NOTICES: "notices of illegal content",
    Deletion.NOTICE_CONTACTS: "contacts of those who gave notices",
    Deletion.SUSPENSIONS: "suspensions of notifiers that are over",
    Deletion.VECTORS: "vectors of old comments",
    Deletion.ADDRESS: "digests of addresses",
}


@dataclass(frozen=True, slots=True)
class Purged:
    site: str
    kind: Deletion
    count: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the last daily run began, how much it removed of each kind, and when the next one is due."""

    last_at: datetime | None
    removed: Mapping[str, int]
    next_at: datetime  # in the past if a run is due that no sweeper has made yet

    def is_due(self, now: datetime) -> bool:
        return self.next_at <= now


def schedule(conn: Connection, *, hour: int, now: datetime) -> Schedule:
    """Runs are due at ``hour`` of the day, in UTC. The first one is due at once."""
    return schedule_after(leases.find(conn, LEASE), hour=hour, now=now)


def schedule_after(lease: Lease | None, *, hour: int, now: datetime) -> Schedule:
    latest = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    latest -= DAY if latest > now else timedelta(0)
    noted = lease.noted if lease else {}
    last_at = datetime.fromisoformat(noted["began_at"]) if "began_at" in noted else None
    is_done = last_at is not None and last_at >= latest
    return Schedule(last_at, dict(noted.get("removed", {})), latest + DAY if is_done else latest)


def retain(db: Database, *, by: Actor, now: datetime, dry_run: bool = False) -> Iterator[Purged]:
    """Deletes page by page and reports each page. A dry run only reports.

    The audit trail has two entries per site and kind: that a deletion began and, with the last page, how many items
    were deleted. An entry per page would bury everything else.
    """
    with db.read() as conn:
        every = sites.all_sites(conn)
    for site in every:
        for kind, days in _days(site.settings).items():
            yield from _Purge(db, site, kind, days, by, now).run(dry_run)
        yield from _forget_suspensions(db, site, now, dry_run)
        for decided in (True, False):
            yield from _forget_vectors(db, site, decided, dry_run)
    yield from _forget_addresses(db, now, dry_run)


def _days(settings: SiteSettings) -> dict[Deletion, int]:
    periods = {Deletion(status): days for status, days in settings.keep_days.items()}
    if settings.keep_withdrawn_text_days is not None:
        periods[Deletion.WITHDRAWN_TEXT] = settings.keep_withdrawn_text_days
    notices_too = {Deletion.NOTICES: settings.keep_notices_days, Deletion.NOTICE_CONTACTS: CONTACT_DAYS}
    return {**notices_too, **periods, Deletion.LABELS: settings.keep_labels_days}


def _forget_suspensions(db: Database, site: Site, now: datetime, dry_run: bool) -> Iterator[Purged]:
    """Forgets those that are over. The audit trail has their ends since they began."""
    with db.read() as conn:
        count = suspensions.count_ended(conn, site.id, now=now)
    if count and not dry_run:
        with db.write() as conn:
            suspensions.delete_ended(conn, site.id, now=now)
    if count:
        yield Purged(site.name, Deletion.SUSPENSIONS, count)


def _forget_vectors(db: Database, site: Site, decided: bool, dry_run: bool) -> Iterator[Purged]:
    """Of comments that people ``decided``, or of others. The comments stay, so the audit trail does not have it."""
    with db.read() as conn:
        last = vectors.oldest_kept(conn, site.id, decided=decided, most=MOST_VECTORS)
    if last is None:
        return

    def read(conn: Connection, after: str | None) -> list[tuple[str, str]]:
        return vectors.older(conn, site.id, last, decided=decided, after=after, limit=PAGE)

    for page in pages(db, read, lambda row: row[0], size=PAGE):
        if not dry_run:
            with db.write() as conn:
                vectors.forget(conn, [comment_id for _, comment_id in page])
        yield Purged(site.name, Deletion.VECTORS, len(page))


def _forget_addresses(db: Database, now: datetime, dry_run: bool) -> Iterator[Purged]:
    """The digests of readers' addresses past their days. No site chose this, so the audit trail does not have it."""
    before = first_id_at(now - timedelta(days=ADDRESS_DAYS))

    def read(conn: Connection, after: str | None) -> list[str]:
        return facts.with_addresses(conn, before, after=after, limit=PAGE)

    for page in pages(db, read, str, size=PAGE):
        if not dry_run:
            with db.write() as conn:
                facts.forget_addresses(conn, page)
        yield Purged(EVERY_SITE, Deletion.ADDRESS, len(page))


@dataclass(frozen=True, slots=True)
class _Purge:
    db: Database
    site: Site
    kind: Deletion
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
                self._remove(page, gone, more)
            gone, after = gone + len(page), page[-1]
            yield Purged(self.site.name, self.kind, len(page))
            if not more:
                return

    def _past_keeping(self, after: str | None) -> list[str]:
        before, most = self.now - timedelta(days=self.days), PAGE + 1
        with self.db.read() as conn:
            if self.kind is Deletion.WITHDRAWN_TEXT:
                return retention.withdrawn_texts(conn, self.site.id, before, after=after, limit=most)
            if self.kind is Deletion.LABELS:
                return labels.past_keeping(conn, self.site.id, before, after=after, limit=most)
            if self.kind is Deletion.NOTICES:
                return notices.past_keeping(conn, self.site.id, before, after=after, limit=most)
            if self.kind is Deletion.NOTICE_CONTACTS:
                return notices.contacts_past_need(conn, self.site.id, before, after=after, limit=most)
            status = CommentStatus(self.kind)
            return retention.past_keeping(conn, self.site.id, status, before, after=after, limit=most)

    def _remove(self, page: list[str], gone: int, more: bool) -> None:
        """``gone`` of the kind were deleted before this page; ``more`` says whether others follow."""
        name, counted, said, remove = self._manner()
        with self.db.write() as conn:
            removed = remove(conn, page)
            if self.kind is Deletion.WITHDRAWN_TEXT:
                rule_book.forget_comments(conn, page, now=self.now)
            if more and not gone:
                self._note(conn, "retention.begun", said)
            if not more:
                self._note(conn, name, {**said, counted: gone + removed})

    def _manner(self) -> tuple[str, str, dict[str, object], Callable[[Connection, Sequence[str]], int]]:
        """How the audit trail names a deletion, and what does it."""
        if self.kind is Deletion.LABELS:
            return "retention.deleted", "labels", {"kept_days": self.days}, labels.delete
        if self.kind is Deletion.NOTICES:
            return "retention.deleted", "notices", {"kept_days": self.days}, notices.delete
        if self.kind is Deletion.NOTICE_CONTACTS:
            return "retention.deleted", "contacts", {"kept_days": self.days}, notices.forget_contacts
        if self.kind is Deletion.WITHDRAWN_TEXT:
            said = {"status": CommentStatus.WITHDRAWN, "kept_days": self.days, "text_only": True}
            return "retention.erased", "texts", said, retention.erase_texts
        said = {"status": CommentStatus(self.kind), "kept_days": self.days}
        return "retention.deleted", "comments", said, retention.delete_comments

    def _note(self, conn: Connection, action: str, said: Mapping[str, object]) -> None:
        site = self.site
        audit_writing.note(conn, self.by, action, site_id=site.id, subject=site.name, after=said, now=self.now)
