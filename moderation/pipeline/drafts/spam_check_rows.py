"""How often programs asked whether a text is spam: by site, month and the host of the blog that they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.pipeline.drafts.tables import spam_checks

KINDS = ("spam", "ham", "missed_spam", "false_positives")


@dataclass(frozen=True, slots=True)
class Counts:
    """The calls about one host in a month."""

    month: str
    host: str
    spam: int
    ham: int
    missed_spam: int
    false_positives: int

    @property
    def checks(self) -> int:
        return self.spam + self.ham


def add(conn: Connection, site_id: str, month: str, host: str, counts: Mapping[str, int]) -> None:
    """Adds to the counts of a host; ``counts`` is by kind."""
    statement = insert_into(conn, spam_checks).values(site_id=site_id, month=month, host=host, **counts)
    more = {kind: spam_checks.c[kind] + count for kind, count in counts.items()}
    conn.execute(statement.on_conflict_do_update(index_elements=["site_id", "month", "host"], set_=more))


def total(conn: Connection, site_id: str, month: str) -> int:
    """The checks of a site in a month."""
    checks = sa.func.coalesce(sa.func.sum(spam_checks.c.spam + spam_checks.c.ham), 0)
    mine = sa.and_(spam_checks.c.site_id == site_id, spam_checks.c.month == month)
    return int(conn.execute(sa.select(checks).where(mine)).scalar_one())


def by_host(conn: Connection, site_id: str, month: str) -> list[Counts]:
    """The hosts of a site in a month, by name."""
    mine = sa.and_(spam_checks.c.site_id == site_id, spam_checks.c.month == month)
    rows = conn.execute(sa.select(spam_checks).where(mine).order_by(spam_checks.c.host))
    return [Counts(r.month, r.host, *(getattr(r, kind) for kind in KINDS)) for r in rows]
