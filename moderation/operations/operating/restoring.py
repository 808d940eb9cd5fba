"""Puts a backup in the database's place. The audit trail of each of its sites says so from the first moment on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from moderation.ground.database import backups
from moderation.ground.database.backups import Restored
from moderation.ground.database.engine import Database
from moderation.operations.operating import migrating
from moderation.sites import rows as sites
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor


def restore(copy: Path, url: str, *, replace: bool, by: Actor, now: datetime) -> Restored:
    """Brings the restored tables up to date as well. Raises StorageNotReady."""

    def prepare(part: Path) -> None:
        database = Database(f"sqlite:///{part}", pool_size=1)
        try:
            migrating.upgrade(database)
            with database.write() as conn:
                for site in sites.all_sites(conn):
                    said = {"file": copy.name}
                    audit_writing.note(conn, by, "database.restored", site_id=site.id, after=said, now=now)
        finally:
            database.close()  # folds the log into the file

    return backups.restore(copy, url, replace=replace, prepare=prepare, now=now)
