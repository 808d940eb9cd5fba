"""Spells again, on SQLite, what search's index held before words had one spelling, while the site goes on writing.

A table of its own says how far it came, the newest first, and is dropped at the end: an interrupted run goes
on with the next ``gavel migrate``. PostgreSQL builds new indexes instead: see
``moderation/operations/operating/late_indexes.py``.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.moderators.finding.spelling import words_in_sqlite

BATCH = 2_000
PAUSE_S = 0.05  # between two batches, in which others write
_COMMENTS = f"""
    UPDATE comment_search SET text = (
      SELECT {words_in_sqlite("comments.text")} FROM comments JOIN comment_numbers ON comment_id = comments.id
      WHERE number = comment_search.rowid
    ) WHERE rowid >= :least AND rowid < :below
"""
_AUTHORS = f"""
    UPDATE author_search SET name = (
      SELECT {words_in_sqlite("coalesce(authors.name, '')")} FROM authors JOIN author_numbers ON author_id = authors.id
      WHERE number = author_search.rowid
    ) WHERE rowid >= :least AND rowid < :below
"""
_INDEXES = {"comment": _COMMENTS, "author": _AUTHORS}


def spell(db: Database, *, batch: int = BATCH, pause_s: float = PAUSE_S) -> None:
    """Several processes may do this at once."""
    while db.is_sqlite and _is_left(db):
        with db.write() as conn:
            if _is_left_in(conn):  # else another process was at it
                spell_batch(conn, batch)
        time.sleep(pause_s)


def spell_batch(conn: Connection, size: int) -> None:
    """Of the authors and then of the comments."""
    left = conn.execute(sa.text("SELECT name, below FROM search_to_spell WHERE below > 0 ORDER BY name")).first()
    if left is None:
        conn.execute(sa.text("DROP TABLE search_to_spell"))
        return
    least = max(0, left.below - size)
    conn.execute(sa.text(_INDEXES[left.name]), {"least": least, "below": left.below})
    further = sa.text("UPDATE search_to_spell SET below = :least WHERE name = :name")
    conn.execute(further, {"least": least, "name": left.name})


def _is_left(db: Database) -> bool:
    with db.read() as conn:
        return _is_left_in(conn)


def _is_left_in(conn: Connection) -> bool:
    return sa.inspect(conn).has_table("search_to_spell")
