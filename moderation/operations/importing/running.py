"""One import from beginning to end: reads in constant memory, stores in batches, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from moderation.ground.database.engine import Database
from moderation.operations.importing import rows as imports
from moderation.operations.importing.past_comment import PastComment
from moderation.operations.importing.reading import Bad, Item, Noted, NotReadable, Skipped, checked
from moderation.operations.importing.storing import store
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note

BATCH = 500
MOST_PLACES = 5  # that are named for each oddity


@dataclass(slots=True)
class Summary:
    """The numbers of an import so far."""

    new: int = 0
    known: int = 0
    orphans: int = 0
    bad: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)  # of each oddity, the first ones
    earliest: datetime | None = None
    latest: datetime | None = None
    broke_off: str | None = None  # why the rest of the file could not be read

    @property
    def is_empty(self) -> bool:
        """Whether nothing was read, good or bad."""
        return not (self.statuses or self.skipped or self.bad)

    def add(self, past: PastComment) -> None:
        self.statuses[past.status] += 1
        self.earliest = min(self.earliest or past.posted_at, past.posted_at)
        self.latest = max(self.latest or past.posted_at, past.posted_at)

    def note(self, oddity: Noted) -> None:
        self.noted[oddity.what] += 1
        places = self.places.setdefault(oddity.what, [])
        if len(places) < MOST_PLACES:
            places.append(oddity.place)

    @property
    def report(self) -> dict[str, Any]:
        """The run's figures for the audit trail and as JSON."""
        return {
            "new": self.new,
            "known": self.known,
            "without_parent": self.orphans,
            "bad": self.bad,
            "statuses": dict(self.statuses),
            "skipped": dict(self.skipped),
            "noted": dict(self.noted),
            "earliest": self.earliest and self.earliest.isoformat(),
            "latest": self.latest and self.latest.isoformat(),
            "broke_off": self.broke_off,
        }


def run(
    db: Database,
    site_id: str,
    items: Iterator[Item],
    *,
    subject: str,
    by: Actor,
    now: Callable[[], datetime],
    dry_run: bool = False,
    on_bad: Callable[[Bad], None] = lambda bad: None,  # noqa: ARG005
    on_batch: Callable[[Summary], None] = lambda summary: None,  # noqa: ARG005
) -> Summary:
    """Stores all that can be read. ``subject`` names the file in the audit trail, where an import that was cut off has
    its entry, too: run it again, and it goes on where it stopped.

    Where the file stops making sense, what came before it is stored, and the summary says why.
    """
    summary = Summary()
    try:
        with closing(_good(items, summary, on_bad)) as good:
            while batch := _next_batch(good, summary):
                _take(db, site_id, list({past.id: past for past in batch}.values()), summary, dry_run=dry_run)
                on_batch(summary)
    finally:
        if not dry_run and (summary.new or summary.known):
            with db.write() as conn:
                note(
                    conn,
                    by,
                    "history.imported",
                    site_id=site_id,
                    subject=subject,
                    after=summary.report,
                    now=now(),
                )
    return summary


def _next_batch(good: Iterator[PastComment], summary: Summary) -> list[PastComment]:
    batch: list[PastComment] = []
    try:
        for past in islice(good, BATCH):
            batch.append(past)  # noqa: PERF402 - a list made at once would lose those before the broken place
    except NotReadable as e:
        summary.broke_off = str(e)
    return batch


def _good(items: Iterator[Item], summary: Summary, on_bad: Callable[[Bad], None]) -> Generator[PastComment]:
    for item in checked(items):
        if isinstance(item, Bad):
            summary.bad += 1
            on_bad(item)
        elif isinstance(item, Skipped):
            summary.skipped[item.why] += 1
        elif isinstance(item, Noted):
            summary.note(item)
        else:
            summary.add(item)
            yield item


def _take(db: Database, site_id: str, batch: list[PastComment], summary: Summary, *, dry_run: bool) -> None:
    if dry_run:
        with db.read() as conn:
            known = len(imports.comments_by_id(conn, site_id, {past.id for past in batch}))
        summary.new += len(batch) - known
        summary.known += known
        return
    stored = store(db, site_id, batch)
    summary.new += stored.new
    summary.known += stored.known
    summary.orphans += stored.orphans
