"""Deletes a site with all it ever had. It goes page by page, so that the other sites go on working meanwhile.

The site's own audit trail goes too. That somebody deleted it is noted in the trail of the installation, whose entries
belong to no site, and in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.exc import IntegrityError

from moderation.ground.database.engine import Database
from moderation.ground.database.paging import rounds
from moderation.operations.operating.deleting import site_rows as removing
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor
from moderation.sites.rows import Site

COMMENTS, ROWS = 100, 1_000  # a transaction
MOST_ROUNDS = 20  # what still arrives with a key that was just ended comes to an end within seconds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deleted:
    table: str
    count: int


def delete(db: Database, site: Site, *, by: Actor, now: datetime) -> Iterator[Deleted]:
    """Reports each page. After a failure the same again does the rest."""
    _note(db, site, "site.deletion_begun", by, now)
    for _round in range(MOST_ROUNDS):
        yield from _delete_rows(db, site.id)
        try:
            _finish(db, site, by, now)
        except IntegrityError:  # something arrived meanwhile
            continue
        log.warning("site deleted", extra={"site_id": site.id, "site": site.name, "by": str(by)})
        return
    raise RuntimeError(f"comments of {site.name!r} go on arriving: run the same again")


def _note(db: Database, site: Site, action: str, by: Actor, now: datetime) -> None:
    with db.write() as conn:
        removing.delete_keys(conn, site.id)
        audit_writing.note(conn, by, action, site_id=None, subject=f"{site.name} ({site.id})", now=now)
    log.warning("site deletion begun", extra={"site_id": site.id, "site": site.name, "by": str(by)})


def _delete_rows(db: Database, site_id: str) -> Iterator[Deleted]:
    for count in rounds(db, partial(removing.delete_comments, site_id=site_id, limit=COMMENTS), size=COMMENTS):
        yield Deleted("comments", count)
    for table in removing.other_tables():
        delete = partial(removing.delete_rows, table=table, site_id=site_id, limit=ROWS)
        for count in rounds(db, delete, size=ROWS):
            yield Deleted(table.name, count)


def _finish(db: Database, site: Site, by: Actor, now: datetime) -> None:
    with db.write() as conn:
        removing.delete_site(conn, site.id)
        audit_writing.note(conn, by, "site.deleted", site_id=None, subject=f"{site.name} ({site.id})", now=now)
