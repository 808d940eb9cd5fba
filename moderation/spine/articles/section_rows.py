"""The sections and articles that a site has, for those who give them limits of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.spine.articles.tables import HAS_SECTION, articles


def sections(conn: Connection, site_id: str, *, limit: int) -> list[str]:
    """In the order of their names, at most ``limit``."""
    # A loose index scan, from one section to the next. https://wiki.postgresql.org/wiki/Loose_indexscan
    least = sa.select(sa.func.min(articles.c.section)).where(articles.c.site_id == site_id, sa.text(HAS_SECTION))
    walk = sa.select(least.scalar_subquery().label("section")).cte("walk", recursive=True)
    following = least.where(articles.c.section > walk.c.section).correlate(walk).scalar_subquery()
    walk = walk.union_all(sa.select(following).where(walk.c.section.is_not(None)))
    query = sa.select(walk.c.section).where(walk.c.section.is_not(None)).limit(limit)
    return sorted(conn.execute(query).scalars())


def unknown_sections(conn: Connection, site_id: str, names: Collection[str]) -> set[str]:
    """The sections that no article of the site is in."""
    return {name for name in names if not _is_known(conn, site_id, name)}


def titles(conn: Connection, site_id: str, external_ids: Sequence[str]) -> dict[str, str]:
    """The titles of the site's articles by its own ids; empty for one without a title. Unknown ones are left out."""
    query = sa.select(articles.c.external_id, articles.c.title).where(
        articles.c.site_id == site_id, articles.c.external_id.in_(external_ids)
    )
    return {row.external_id: row.title or "" for row in conn.execute(query)} if external_ids else {}


def _is_known(conn: Connection, site_id: str, section: str) -> bool:
    here = sa.and_(articles.c.site_id == site_id, articles.c.section == section)
    return conn.execute(sa.select(articles.c.section).where(here).limit(1)).first() is not None
