"""The values that the queue can be filtered by, and the number of comments with each, counted up to a bound.

The query steps from one value to the next along the index, so it reads no comment and no queue is too long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.ground.database.prepared import built_once
from moderation.moderators.queue.view_rows import KEPT, QueueView, in_view, online_in_view
from moderation.sites.tables import sites
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments

MOST = 60  # values of one kind
COLUMNS = {"signal": comments.c.flagged_for, "section": comments.c.section, "language": comments.c.judged_in}
VALUES = {kind: sa.select(column.label("value")) for kind, column in COLUMNS.items()}


@dataclass(frozen=True, slots=True)
class FilterCount:
    value: str
    count: int


def waiting_by(conn: Connection, view: QueueView, *, at_most: int) -> dict[str, list[FilterCount]]:
    """By each key of COLUMNS: the values at the view's sites, in order, each counted up to ``at_most``."""
    counts: dict[str, dict[str, int]] = {kind: {} for kind in COLUMNS}
    for kind, value, n in conn.execute(_counted(view, at_most)) if view.site_ids else ():
        counts[kind][value] = min(at_most, counts[kind].get(value, 0) + n)
    return {kind: [FilterCount(value, n) for value, n in sorted(of.items())][:MOST] for kind, of in counts.items()}


def author_name(conn: Connection, site_ids: Sequence[str], author_id: str) -> str | None:
    """The author's name, or their id at the site; None for an author of another site."""
    name = sa.func.coalesce(authors.c.name, authors.c.external_id)
    return conn.execute(sa.select(name).where(authors.c.id == author_id, authors.c.site_id.in_(site_ids))).scalar()


def article_title(conn: Connection, site_ids: Sequence[str], article_id: str) -> str | None:
    """The article's title, or its id at the site; None for an article of another site."""
    title = sa.func.coalesce(articles.c.title, articles.c.external_id)
    return conn.execute(sa.select(title).where(articles.c.id == article_id, articles.c.site_id.in_(site_ids))).scalar()


@built_once(KEPT)  # building takes 2.5 ms of a page
def _counted(view: QueueView, at_most: int) -> sa.Select[Any]:
    if view.escalated:
        queries = [(kind, in_view(values, view, id)) for kind, values in VALUES.items() for id in view.site_ids]
        return union_of([_grouped(values, kind, at_most) for kind, values in queries])
    online = [_grouped(online_in_view(values, view), kind, at_most) for kind, values in VALUES.items()]
    return union_of([*(_walked(view, kind, at_most) for kind in COLUMNS), *online])


def _grouped(values: sa.Select[Any], kind: str, at_most: int) -> sa.Select[Any]:
    """For escalated comments and those that stay online, which are few and have no index by their values."""
    few = values.limit(MOST * at_most).subquery()
    n = sa.func.count().label("n")
    query = sa.select(sa.literal(kind).label("kind"), few.c.value, n)
    return query.where(few.c.value.is_not(None)).group_by(few.c.value)


def _walked(view: QueueView, kind: str, at_most: int) -> sa.Select[Any]:
    """A loose index scan, of all the sites at a time. https://wiki.postgresql.org/wiki/Loose_indexscan"""
    column, here = COLUMNS[kind], sites.c.id
    least = sa.select(sa.func.min(column))
    of_site = in_view(least, view, here).correlate(sites).scalar_subquery()
    first = sa.select(here.label("site_id"), of_site.label("value")).where(here.in_(view.site_ids))
    walk = first.cte(f"walk_{kind}", recursive=True)
    site_id, value = walk.c.site_id, walk.c.value
    following = in_view(least, view, site_id).where(column > value).correlate(walk).scalar_subquery()
    walk = walk.union_all(sa.select(site_id, following).where(value.is_not(None)))
    site_id, value = walk.c.site_id, walk.c.value
    few = in_view(sa.select(sa.literal(1).label("one")), view, site_id).where(column == value).limit(at_most)
    n = sa.select(sa.func.count()).select_from(few.correlate(walk).subquery()).correlate(walk).scalar_subquery()
    query: sa.Select[Any] = sa.select(sa.literal(kind).label("kind"), value, n.label("n"))
    return query.where(value.is_not(None)).limit(MOST * len(view.site_ids))
