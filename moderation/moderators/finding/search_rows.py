"""Finding comments by their words, and authors, articles and comments by name or by the site's own ids."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.finding.spelling import FTS5, TSQUERY, TypedWord, typed_words
from moderation.moderators.finding.tables import TITLE_CHARS
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments


@dataclass(frozen=True, slots=True)
class SearchHit:
    id: str
    site_id: str
    external_id: str
    version: int
    text: str
    status: CommentStatus
    posted_at: datetime
    updated_at: datetime  # when it became what its status says
    author_id: str
    author_name: str | None
    article_id: str
    article_title: str | None


@dataclass(frozen=True, slots=True)
class FoundAuthor:
    id: str
    external_id: str
    name: str | None
    published: int
    rejected: int


@dataclass(frozen=True, slots=True)
class FoundArticle:
    id: str
    external_id: str
    title: str | None
    section: str | None


def comments_with(
    conn: Connection, site_ids: Sequence[str], words: str, *, before: str | None, limit: int
) -> list[SearchHit]:
    """Comments that hold every word, newest first; the last word may be unfinished."""
    wanted = typed_words(words)
    if not wanted or not site_ids:
        return []
    if conn.dialect.name == "sqlite":
        query = found_where(comments.c.id.in_(ids_in_sqlite(conn, site_ids, wanted, before, limit)))
    else:
        query = found_where(*conditions_in_postgres(site_ids, wanted, before)).limit(limit)
    return [found_from(row) for row in conn.execute(query.order_by(comments.c.id.desc()))]


def ids_with(conn: Connection, site_ids: Sequence[str], words: str, *, limit: int) -> list[str]:
    """As ``comments_with``, the ids alone."""
    wanted = typed_words(words)
    if not wanted or not site_ids:
        return []
    if conn.dialect.name == "sqlite":
        return ids_in_sqlite(conn, site_ids, wanted, None, limit)
    query = sa.select(comments.c.id).where(*conditions_in_postgres(site_ids, wanted, None))
    return list(conn.execute(query.order_by(comments.c.id.desc()).limit(limit)).scalars())


def comment_by_id(conn: Connection, site_ids: Sequence[str], external_id: str) -> list[SearchHit]:
    """The comments with the sites' own id; two sites may use the same one."""
    query = _found().where(comments.c.site_id.in_(site_ids), comments.c.external_id == external_id)
    return [found_from(row) for row in conn.execute(query)]


def found_by_ids(conn: Connection, ids: Sequence[str]) -> list[SearchHit]:
    """The comments in the order of the ids."""
    by_id = {row.id: found_from(row) for row in conn.execute(_found().where(comments.c.id.in_(ids)))}
    return [by_id[id] for id in ids if id in by_id]


def comments_of(
    conn: Connection,
    *,
    author_id: str | None = None,
    article_id: str | None = None,
    before: datetime | None = None,
    limit: int,
) -> list[SearchHit]:
    """The comments of an author or on an article, newest first."""
    query = _found()
    if author_id is not None:
        query = query.where(comments.c.author_id == author_id)
    if article_id is not None:
        query = query.where(comments.c.article_id == article_id)
    if before is not None:
        query = query.where(comments.c.posted_at < before)
    rows = conn.execute(query.order_by(comments.c.posted_at.desc(), comments.c.id.desc()).limit(limit))
    return [found_from(row) for row in rows]


def authors_named(conn: Connection, site_ids: Sequence[str], beginning: str, *, limit: int) -> list[FoundAuthor]:
    """Authors whose id at the site is this, whose name begins so, or whose name has every one of these words; the last
    one may be unfinished."""
    columns = (authors.c.id, authors.c.external_id, authors.c.name, authors.c.published, authors.c.rejected)
    named: dict[str, FoundAuthor] = {}
    for site_id in site_ids:
        by_id = sa.select(*columns).where(authors.c.site_id == site_id, authors.c.external_id == beginning)
        by_name = sa.select(*columns).where(authors.c.site_id == site_id, _begins(conn, authors.c.name, beginning))
        queries = [by_id, by_name]
        words = _has_words(conn, site_id, beginning, limit)
        if words is not None:
            queries.append(sa.select(*columns).where(words))
        for query in queries:
            for row in conn.execute(query.limit(limit)):
                named[row.id] = FoundAuthor(row.id, row.external_id, row.name, row.published, row.rejected)
    return list(named.values())[:limit]


def articles_named(conn: Connection, site_ids: Sequence[str], beginning: str, *, limit: int) -> list[FoundArticle]:
    """Articles with this id, or with a title that begins so."""
    columns = (articles.c.id, articles.c.external_id, articles.c.title, articles.c.section)
    named: dict[str, FoundArticle] = {}
    for site_id in site_ids:
        by_id = sa.select(*columns).where(articles.c.site_id == site_id, articles.c.external_id == beginning)
        by_title = sa.select(*columns).where(articles.c.site_id == site_id, _title_begins(conn, beginning))
        for query in (by_id, by_title):
            for row in conn.execute(query.limit(limit)):
                named[row.id] = FoundArticle(row.id, row.external_id, row.title, row.section)
    return list(named.values())[:limit]


def ids_in_sqlite(
    conn: Connection, site_ids: Sequence[str], words: Sequence[TypedWord], before: str | None, limit: int
) -> list[str]:
    """Reads the index from its newest end, so that a common word costs no more than a rare one."""
    sites = " OR ".join(f'"{site_id.replace("-", "")}"' for site_id in site_ids)
    statement = sa.text(
        "SELECT comment_id FROM comment_search JOIN comment_numbers ON number = comment_search.rowid"
        " WHERE comment_search MATCH :match AND comment_search.rowid < :before"
        " ORDER BY comment_search.rowid DESC LIMIT :limit"
    ).columns(sa.column("comment_id", comments.c.id.type))
    given = {
        "match": f"site : ({sites}) AND text : ({FTS5.query(words)})",
        "before": _number(conn, before),
        "limit": limit,
    }
    return list(conn.execute(statement, given).scalars())


def _has_words(conn: Connection, site_id: str, typed: str, limit: int) -> sa.ColumnElement[bool] | None:
    """Looks among authors of the site. None where no author has them.

    On SQLite nothing names the site beside the ids, for which it would walk all of the site's authors.
    """
    words = typed_words(typed)
    if not words:
        return None
    if conn.dialect.name != "sqlite":
        name = sa.func.coalesce(authors.c.name, sa.literal_column("''"))
        vector = sa.func.to_tsvector(sa.literal_column("'simple'"), sa.func.search_words(name))
        # Else PostgreSQL, which expects words to be in one name of two hundred, might walk all of the site's authors
        site = sa.func.coalesce(authors.c.site_id, None)
        return sa.and_(site == site_id, vector.bool_op("@@")(_in_postgres(words)))
    statement = sa.text(
        "SELECT author_id FROM author_search JOIN author_numbers ON number = author_search.rowid"
        " WHERE author_search MATCH :match LIMIT :limit"
    ).columns(sa.column("author_id", authors.c.id.type))
    given = {"match": f'site : "{site_id.replace("-", "")}" AND name : ({FTS5.query(words)})', "limit": limit}
    author_ids = list(conn.execute(statement, given).scalars())
    return authors.c.id.in_(author_ids) if author_ids else None


def _number(conn: Connection, comment_id: str | None) -> int:
    if comment_id is None:
        return 2**62
    statement = sa.text("SELECT number FROM comment_numbers WHERE comment_id = :id")
    return conn.execute(statement.bindparams(id=comment_id.replace("-", ""))).scalar() or 0


def conditions_in_postgres(
    site_ids: Sequence[str], words: Sequence[TypedWord], before: str | None
) -> list[sa.ColumnElement[bool]]:
    """The conditions of comments with these words; ``before`` is the id of the last one of the page above."""
    vector = sa.func.to_tsvector(sa.literal_column("'simple'"), sa.func.search_words(comments.c.text))
    has_words = vector.bool_op("@@")(_in_postgres(words))
    matching: list[sa.ColumnElement[bool]] = [has_words, comments.c.site_id.in_(site_ids)]
    return matching if before is None else [*matching, comments.c.id < before]


def _in_postgres(words: Sequence[TypedWord]) -> sa.ColumnElement[Any]:
    return sa.func.to_tsquery("simple", TSQUERY.query([word.without_accents for word in words]))


def _begins(conn: Connection, column: sa.ColumnElement[Any], beginning: str) -> sa.ColumnElement[bool]:
    lowered = sa.func.lower(column)
    if conn.dialect.name == "sqlite":
        low = sa.func.lower(beginning)
        return sa.and_(lowered >= low, lowered < low.concat("\U0010ffff"))
    escaped = re.sub(r"([\\%_])", r"\\\1", beginning.lower())
    return lowered.like(f"{escaped}%", escape="\\")


def _title_begins(conn: Connection, beginning: str) -> sa.ColumnElement[bool]:
    """PostgreSQL finds the first characters in an index, and compares the whole with the few rows that it finds."""
    whole = _begins(conn, articles.c.title, beginning)
    if conn.dialect.name == "sqlite":
        return whole
    indexed = sa.func.left(articles.c.title, sa.literal_column(str(TITLE_CHARS)))
    return sa.and_(_begins(conn, indexed, beginning[:TITLE_CHARS]), whole)


def _found() -> sa.Select[Any]:
    return (
        sa.select(comments, authors.c.name.label("author_name"), articles.c.title.label("article_title"))
        .join(authors, authors.c.id == comments.c.author_id)
        .join(articles, articles.c.id == comments.c.article_id)
    )


def found_where(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return _found().where(*conditions)


def found_from(row: sa.Row[Any]) -> SearchHit:
    return SearchHit(
        id=row.id,
        site_id=row.site_id,
        external_id=row.external_id,
        version=row.version,
        text=row.text,
        status=CommentStatus(row.status),
        posted_at=row.posted_at,
        updated_at=row.updated_at,
        author_id=row.author_id,
        author_name=row.author_name,
        article_id=row.article_id,
        article_title=row.article_title,
    )
