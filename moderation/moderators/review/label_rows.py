"""Labels of texts: one row for each judgement of a person that a dialect brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at, new_id
from moderation.moderators.review.tables import labels

SECOND_LOOK = "shadow"  # the source of labels that a second look brings
HOUSE = "house"  # their signal: whether this newsroom's people would reject the comment


@dataclass(frozen=True, slots=True)
class Label:
    """A person's judgement of a text. ``text`` is None where a comment of ours has the text; ``reference`` is then the
    site's own id of that comment, so that erasing it leaves nothing here."""

    source: str
    signal: str
    value: float  # 0 says that it is not so, 1 that it is
    text: str | None
    language: str | None = None
    reference: str | None = None
    key_id: str | None = None


def insert(conn: Connection, site_id: str, given: Sequence[Label], *, now: datetime) -> None:
    names = ("source", "signal", "value", "text", "language", "reference", "key_id")
    rows = [{name: getattr(label, name) for name in names} for label in given]
    conn.execute(labels.insert(), [{"id": new_id(), "site_id": site_id, "created_at": now, **row} for row in rows])


def replace(conn: Connection, site_id: str, label: Label, *, now: datetime) -> None:
    """Stores the label instead of an earlier one from the same source on the same comment and signal."""
    c = labels.c
    same = (c.site_id == site_id, c.reference == label.reference, c.source == label.source, c.signal == label.signal)
    conn.execute(labels.delete().where(*same))
    insert(conn, site_id, [label], now=now)


def of_site(conn: Connection, site_id: str, *, after: str | None = None, limit: int) -> list[tuple[str, Label]]:
    """In the order in which they came, each with its own id."""
    query = sa.select(labels).where(labels.c.site_id == site_id)
    if after is not None:
        query = query.where(labels.c.id > after)
    rows = conn.execute(query.order_by(labels.c.id).limit(limit))
    return [(r.id, Label(r.source, r.signal, r.value, r.text, r.language, r.reference, r.key_id)) for r in rows]


def past_keeping(conn: Connection, site_id: str, before: datetime, *, after: str | None, limit: int) -> list[str]:
    """Labels that came before ``before``, in order of their ids, which sort by arrival (UUIDv7)."""
    query = sa.select(labels.c.id).where(labels.c.site_id == site_id, labels.c.id < first_id_at(before))
    if after is not None:
        query = query.where(labels.c.id > after)
    return list(conn.execute(query.order_by(labels.c.id).limit(limit)).scalars())


def delete(conn: Connection, ids: Sequence[str]) -> int:
    """Returns how many went."""
    return conn.execute(labels.delete().where(labels.c.id.in_(ids))).rowcount
