"""Articles and authors, by the site's own ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.engine import first_id_at, new_id
from moderation.ground.database.inserting import insert_into
from moderation.ground.database.prepared import Prepared
from moderation.ground.errors import NotFound
from moderation.ground.values.articles import Article, ArticleState
from moderation.ground.values.authors import Author
from moderation.ground.values.measures import Standing
from moderation.spine.articles.tables import articles, authors

# Made once: they run for every comment, and making a statement costs as much as running it
_ARTICLE = sa.select(articles).where(
    articles.c.site_id == sa.bindparam("site_id"), articles.c.external_id == sa.bindparam("external_id")
)
_AUTHOR = sa.select(authors).where(
    authors.c.site_id == sa.bindparam("site_id"), authors.c.external_id == sa.bindparam("external_id")
)

_AUTHOR_LOCKED = (
    sa.select(authors.c.id).where(authors.c.id == sa.bindparam("author_id")).with_for_update(key_share=True)
)


def find_article(conn: Connection, site_id: str, external_id: str) -> Article | None:
    """The article with the site's own id."""
    row = conn.execute(_ARTICLE, {"site_id": site_id, "external_id": external_id}).one_or_none()
    return article_from(row) if row else None


def get_article(conn: Connection, site_id: str, external_id: str) -> Article:
    """The article with the site's own id. Raises NotFound."""
    article = find_article(conn, site_id, external_id)
    if article is None:
        raise NotFound("article", external_id)
    return article


def article_by_id(conn: Connection, article_id: str) -> Article | None:
    row = conn.execute(sa.select(articles).where(articles.c.id == article_id)).one_or_none()
    return article_from(row) if row else None


def text_of(conn: Connection, article_id: str) -> tuple[str, datetime]:
    """The text, empty if there is none, and when anything about the article was last changed."""
    row = conn.execute(sa.select(articles.c.text, articles.c.updated_at).where(articles.c.id == article_id)).one()
    return row.text or "", row.updated_at


def insert_article(
    conn: Connection, site_id: str, external_id: str, values: Mapping[str, Any], *, now: datetime
) -> bool:
    """False when somebody else inserted it first."""
    row = {"tags": [], "state": ArticleState.OPEN, **values}
    return _insert_if_absent(
        conn,
        articles,
        {"id": new_id(), "site_id": site_id, "external_id": external_id, "created_at": now, "updated_at": now, **row},
    )


def update_article(conn: Connection, article_id: str, values: Mapping[str, Any], *, now: datetime) -> None:
    conn.execute(articles.update().where(articles.c.id == article_id).values(updated_at=now, **values))


def describe_article(conn: Connection, article_id: str, values: Mapping[str, Any], *, now: datetime) -> None:
    """Replaces what the site says of the article. If ``values`` repeat the state that the site sent last, the state
    that the desk has set stays."""
    sent = sa.literal(ArticleState(values["state"]).value)
    repeats = articles.c.site_state == sent
    states = {
        "state": sa.case((repeats, articles.c.state), else_=sent),
        "site_state": sa.case((repeats, articles.c.site_state), else_=None),
    }
    update_article(conn, article_id, {**values, **states}, now=now)


def set_state(conn: Connection, article_id: str, state: ArticleState, *, now: datetime) -> None:
    """Sets the state that the desk chose. The state that the site sent last is kept, unless this is the same."""
    sent = sa.func.coalesce(articles.c.site_state, articles.c.state)
    values = {"state": state, "site_state": sa.func.nullif(sent, state.value)}
    update_article(conn, article_id, values, now=now)


def young_before(conn: Connection, site_id: str, moment: datetime, *, limit: int) -> list[Article]:
    """The site's articles that came before the moment and were never closed for their age, the oldest first."""
    mine = sa.and_(articles.c.site_id == site_id, articles.c.aged_at.is_(None), articles.c.id < first_id_at(moment))
    return [
        article_from(row) for row in conn.execute(sa.select(articles).where(mine).order_by(articles.c.id).limit(limit))
    ]


def note_age(conn: Connection, article_id: str, *, now: datetime) -> bool:
    """False if somebody else noted it first."""
    young = sa.and_(articles.c.id == article_id, articles.c.aged_at.is_(None))
    return conn.execute(articles.update().where(young).values(aged_at=now)).rowcount == 1


def titles(conn: Connection, article_ids: Collection[str]) -> dict[str, str]:
    """By id: the title, or else the site's id."""
    title = sa.func.coalesce(articles.c.title, articles.c.external_id)
    query = sa.select(articles.c.id, title.label("title")).where(articles.c.id.in_(article_ids))
    return {row.id: row.title for row in conn.execute(query)}


def count_since(conn: Connection, site_id: str, moment: datetime, *, limit: int) -> int:
    """The site's articles that came since, at most ``limit``. Their ids sort by time, so no older one is read."""
    newest = sa.select(articles.c.id).where(articles.c.id >= first_id_at(moment), articles.c.site_id == site_id)
    return conn.execute(sa.select(sa.func.count()).select_from(newest.limit(limit).subquery())).scalar_one()


def find_author(conn: Connection, site_id: str, external_id: str) -> Author | None:
    """The author with the site's own id."""
    row = conn.execute(_AUTHOR, {"site_id": site_id, "external_id": external_id}).one_or_none()
    return author_from(row) if row else None


def lock_author(conn: Connection, author_id: str) -> None:
    """Locks the author until the transaction ends. On SQLite writers wait for each other anyway."""
    conn.execute(_AUTHOR_LOCKED, {"author_id": author_id})


def author_by_id(conn: Connection, author_id: str) -> Author | None:
    row = conn.execute(sa.select(authors).where(authors.c.id == author_id)).one_or_none()
    return author_from(row) if row else None


def insert_author(
    conn: Connection, site_id: str, external_id: str, values: Mapping[str, Any], *, now: datetime
) -> bool:
    """False when somebody else inserted it first."""
    return _insert_if_absent(
        conn,
        authors,
        {"id": new_id(), "site_id": site_id, "external_id": external_id, "created_at": now, **values},
    )


def update_author(conn: Connection, author_id: str, values: Mapping[str, Any]) -> None:
    conn.execute(authors.update().where(authors.c.id == author_id).values(**values))


def count_for_authors(conn: Connection, steps: Mapping[str, tuple[int, int]]) -> None:
    """Adds published and rejected comments to authors' records, in the order given; negative numbers take back."""
    rows = [{"author": id, "published_step": step[0], "rejected_step": step[1]} for id, step in steps.items()]
    if rows:
        _COUNT.write(conn, rows)


_COUNT = Prepared(
    authors.update()
    .where(authors.c.id == sa.bindparam("author"))
    .values(
        published=authors.c.published + sa.bindparam("published_step"),
        rejected=authors.c.rejected + sa.bindparam("rejected_step"),
    )
)


def _insert_if_absent(conn: Connection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    statement = (
        insert_into(conn, table).values(**values).on_conflict_do_nothing(index_elements=["site_id", "external_id"])
    )
    return conn.execute(statement.returning(table.c.id)).first() is not None  # PostgreSQL counts no inserted rows


def article_from(row: Row[Any]) -> Article:
    return Article(
        id=row.id,
        site_id=row.site_id,
        external_id=row.external_id,
        title=row.title,
        url=row.url,
        text=row.text,
        section=row.section,
        tags=tuple(row.tags),
        language=row.language,
        state=ArticleState(row.state),
        question=row.question,
        summary=row.summary,
        site_state=ArticleState(row.site_state) if row.site_state else None,
    )


def author_from(row: Row[Any]) -> Author:
    return Author(
        id=row.id,
        site_id=row.site_id,
        external_id=row.external_id,
        name=row.name,
        published=row.published,
        rejected=row.rejected,
        standing=Standing(row.standing),
        standing_until=row.standing_until,
        registered_at=row.registered_at,
        email_domain=row.email_domain,
        is_staff=row.is_staff,
    )
