"""Saves a site's policy. Every save is a new version, and only somebody who has read the latest one may replace it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from moderation.ground.database.engine import Database
from moderation.ground.errors import StalePolicy
from moderation.judging.policy import documents
from moderation.judging.policy.wording import changes
from moderation.sites import rows as sites
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor
from moderation.sites.rows import PolicyRow


def replace(
    db: Database,
    site_id: str,
    document: Mapping[str, Any],
    *,
    expected: int,
    by: Actor,
    now: datetime,
    note: str | None = None,
) -> PolicyRow:
    """Saves the document as the version after ``expected``. Raises StalePolicy, and InvalidInput that names each wrong
    field."""
    try:
        with db.write() as conn:
            return replace_in(conn, site_id, document, expected=expected, by=by, now=now, note=note)
    except IntegrityError as e:  # somebody else saved a version after we had looked
        raise StalePolicy(expected, expected + 1) from e


def replace_in(
    conn: Connection,
    site_id: str,
    document: Mapping[str, Any],
    *,
    expected: int,
    by: Actor,
    now: datetime,
    note: str | None = None,
) -> PolicyRow:
    """As ``replace``, in the caller's transaction. Raises IntegrityError, too, where another one saves this version."""
    policy = documents.parse(document, expected + 1)
    row = PolicyRow(expected + 1, documents.dump(policy), note, str(by), now)
    current = sites.current_policy(conn, site_id)
    if current.version != expected:
        raise StalePolicy(expected, current.version)
    sites.insert_policy(conn, site_id, row)
    _note(conn, site_id, by, current, row)
    return row


def _note(conn: Connection, site_id: str, by: Actor, before: PolicyRow, saved: PolicyRow) -> None:
    """Each version is stored whole, so the entry names both and sums up how they differ."""
    audit_writing.note(
        conn,
        by,
        "policy.saved",
        site_id=site_id,
        subject=f"version {saved.version}",
        before={"version": before.version},
        after={"version": saved.version, "changes": changes(before.document, saved.document)},
        now=saved.created_at,
    )
