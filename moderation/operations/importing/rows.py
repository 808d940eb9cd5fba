"""Writes past comments in bulk, with the articles and authors that they need."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.database.inserting import insert_into
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.language_names import first_known
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments

AT_ONCE = 500  # names in one query: SQLite takes 32,766 variables, PostgreSQL 65,535


@dataclass(frozen=True, slots=True)
class KnownComment:
    """A comment that is there already."""

    id: str
    article_id: str


def comments_by_id(conn: Connection, site_id: str, names: Collection[str]) -> dict[str, KnownComment]:
    """The comments, by the site's own ids."""
    c, known = comments.c, dict[str, KnownComment]()
    for some in _parts(sorted(names)):
        query = sa.select(c.external_id, c.id, c.article_id).where(c.site_id == site_id, c.external_id.in_(some))
        known |= {row.external_id: KnownComment(row.id, row.article_id) for row in conn.execute(query)}
    return known


def ensure_articles(conn: Connection, site_id: str, wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Our ids by the site's. An article that is there stays as it is."""
    return _ensure(conn, articles, site_id, wanted, {"tags": [], "state": ArticleState.OPEN})


def ensure_authors(conn: Connection, site_id: str, wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return _ensure(conn, authors, site_id, wanted, {})


def insert_comments(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises IntegrityError when one of the site's ids is taken."""
    if rows:
        conn.execute(comments.insert(), [{**row, "judged_in": first_known(row["language"])} for row in rows])


def count_for_authors(conn: Connection, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Adds numbers by status to the records of authors. In order, so that two writers lock rows in the same order."""
    if not counts:
        return
    added = (
        authors.update()
        .where(authors.c.id == sa.bindparam("author"))
        .values(
            published=authors.c.published + sa.bindparam("more_published"),
            rejected=authors.c.rejected + sa.bindparam("more_rejected"),
        )
    )
    rows = [
        {
            "author": author_id,
            "more_published": counts[author_id].get(CommentStatus.PUBLISHED, 0),
            "more_rejected": counts[author_id].get(CommentStatus.REJECTED, 0),
        }
        for author_id in sorted(counts)
    ]
    conn.execute(added, rows)


def _ensure(
    conn: Connection,
    table: sa.Table,
    site_id: str,
    wanted: Mapping[str, Mapping[str, Any]],
    defaults: Mapping[str, Any],
) -> dict[str, str]:
    ids = _ids(conn, table, site_id, wanted)
    missing = sorted(wanted.keys() - ids.keys())
    if not missing:
        return ids
    rows = [{"id": new_id(), "site_id": site_id, "external_id": name, **defaults, **wanted[name]} for name in missing]
    conn.execute(insert_into(conn, table).on_conflict_do_nothing(index_elements=["site_id", "external_id"]), rows)
    return ids | _ids(conn, table, site_id, missing)


def _ids(conn: Connection, table: sa.Table, site_id: str, names: Collection[str]) -> dict[str, str]:
    c, ids = table.c, dict[str, str]()
    for some in _parts(sorted(names)):
        query = sa.select(c.external_id, c.id).where(c.site_id == site_id, c.external_id.in_(some))
        ids |= {row.external_id: row.id for row in conn.execute(query)}
    return ids


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
