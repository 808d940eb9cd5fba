"""The domains that a site's published comments link to, with how many do."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.spine.domains.tables import published_domains

_columns = published_domains.c


def known_domains(conn: Connection, site_id: str, domains: Collection[str], *, beside: int = 0) -> frozenset[str]:
    """The domains among these that more than ``beside`` published comments link to: one that is scored again does not
    count."""
    if not domains:
        return frozenset()
    query = sa.select(_columns.domain).where(
        _columns.site_id == site_id, _columns.domain.in_(domains), _columns.comments > beside
    )
    return frozenset(conn.execute(query).scalars())


def count_domains(conn: Connection, counted: Mapping[tuple[str, str], int]) -> None:
    """Adds to the counts by site and domain; negative numbers take back, and never below none. In order, so that two
    writers lock the same rows in the same order."""
    for (site_id, domain), step in sorted(counted.items()):
        if step > 0:
            _add(conn, site_id, domain, step)
        elif step < 0:
            is_it = sa.and_(_columns.site_id == site_id, _columns.domain == domain)
            left = sa.case((_columns.comments > -step, _columns.comments + step), else_=0)
            conn.execute(published_domains.update().where(is_it).values(comments=left))


def _add(conn: Connection, site_id: str, domain: str, step: int) -> None:
    added = insert_into(conn, published_domains).values(site_id=site_id, domain=domain, comments=step)
    conn.execute(
        added.on_conflict_do_update(index_elements=["site_id", "domain"], set_={"comments": _columns.comments + step})
    )
