"""Comments: arriving, being found, being listed, and moving from one status to another."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.errors import NotFound
from moderation.model import Comment, CommentStatus, Lane
from moderation.schema import articles, authors, comment_edits, comments

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """A comment with the site's own ids of its article, author and parent, as the API shows it."""

    comment: Comment
    article_external_id: str
    author_external_id: str
    author_name: str | None
    parent_external_id: str | None

    @property
    def cursor(self) -> str:
        """Where a page ends; opaque to callers."""
        return f"{(self.comment.posted_at - EPOCH) // timedelta(microseconds=1)}.{self.comment.id}"


_parents = comments.alias("parents")
_LISTED = (
    sa.select(
        comments,
        articles.c.external_id.label("article_external_id"),
        authors.c.external_id.label("author_external_id"),
        authors.c.name.label("author_name"),
        _parents.c.external_id.label("parent_external_id"),
    )
    .join(articles, articles.c.id == comments.c.article_id)
    .join(authors, authors.c.id == comments.c.author_id)
    .outerjoin(_parents, _parents.c.id == comments.c.parent_id)
)


# Made once: they run for every comment, and making a statement costs as much as running it
_INSERT = comments.insert()
_COMMENT = sa.select(comments).where(
    comments.c.site_id == sa.bindparam("site_id"), comments.c.external_id == sa.bindparam("external_id")
)
_COMMENT_BY_ID = sa.select(comments).where(comments.c.id == sa.bindparam("comment_id"))
_LOCKED = _COMMENT.with_for_update(key_share=True)  # replies and reports may still point to the row
_LOCKED_BY_ID = _COMMENT_BY_ID.with_for_update(key_share=True)


def insert_comment(conn: Connection, comment: Comment, *, body_digest: str) -> None:
    """Raises IntegrityError when the site's id is taken."""
    values = {
        "id": comment.id,
        "site_id": comment.site_id,
        "external_id": comment.external_id,
        "article_id": comment.article_id,
        "author_id": comment.author_id,
        "parent_id": comment.parent_id,
        "text": comment.text,
        "language": comment.language,
        "lane": comment.lane,
        "body_digest": body_digest,
        "request_id": comment.request_id,
        "status": comment.status,
        "version": comment.version,
        "posted_at": comment.posted_at,
        "received_at": comment.received_at,
        "updated_at": comment.updated_at,
    }
    conn.execute(_INSERT, values)


def find_comment(conn: Connection, site_id: str, external_id: str) -> tuple[Comment, str] | None:
    """The comment and the digest of the body it was submitted with."""
    row = conn.execute(_COMMENT, {"site_id": site_id, "external_id": external_id}).one_or_none()
    return (comment_from(row), row.body_digest) if row else None


def get_comment(conn: Connection, site_id: str, external_id: str) -> Comment:
    """By the site's own id. Raises NotFound."""
    found = find_comment(conn, site_id, external_id)
    if found is None:
        raise NotFound("comment", external_id)
    return found[0]


def get_by_id(conn: Connection, comment_id: str) -> Comment:
    """By Gavel's own id. Raises NotFound."""
    row = conn.execute(_COMMENT_BY_ID, {"comment_id": comment_id}).one_or_none()
    if row is None:
        raise NotFound("comment", comment_id)
    return comment_from(row)


def lock(conn: Connection, comment_id: str) -> Comment:
    """The comment as it is once everybody who is changing it has finished, and as it stays until the transaction ends.

    On SQLite writers wait for each other anyway.
    """
    row = conn.execute(_LOCKED_BY_ID, {"comment_id": comment_id}).one_or_none()
    if row is None:
        raise NotFound("comment", comment_id)
    return comment_from(row)


def lock_external(conn: Connection, site_id: str, external_id: str) -> Comment:
    """As ``lock``, by the site's own id."""
    row = conn.execute(_LOCKED, {"site_id": site_id, "external_id": external_id}).one_or_none()
    if row is None:
        raise NotFound("comment", external_id)
    return comment_from(row)


def get_listed(conn: Connection, site_id: str, external_id: str) -> Listed:
    row = conn.execute(
        _LISTED.where(comments.c.site_id == site_id, comments.c.external_id == external_id)
    ).one_or_none()
    if row is None:
        raise NotFound("comment", external_id)
    return listed_from(row)


def listed_by_ids(conn: Connection, ids: Sequence[str]) -> dict[str, Listed]:
    rows = conn.execute(_LISTED.where(comments.c.id.in_(ids)))
    return {row.id: listed_from(row) for row in rows}


def author_and_article(conn: Connection, comment_id: str) -> tuple[str | None, str | None]:
    """The author's name and the article's title, if the site gave them."""
    name, title = conn.execute(_AUTHOR_AND_ARTICLE, {"comment_id": comment_id}).one()
    return name, title


# Made once: every page of the queue runs it
_AUTHOR_AND_ARTICLE = (
    sa.select(authors.c.name, articles.c.title)
    .select_from(comments)
    .join(authors, authors.c.id == comments.c.author_id)
    .join(articles, articles.c.id == comments.c.article_id)
    .where(comments.c.id == sa.bindparam("comment_id"))
)


def list_for_article(
    conn: Connection, article_id: str, status: CommentStatus, *, after: str | None, limit: int
) -> list[Listed]:
    """Oldest first by ``posted_at``. ``after`` is a Listed.cursor; raises ValueError when it is none."""
    query = _LISTED.where(comments.c.article_id == article_id, comments.c.status == status)
    if after is not None:
        posted_at, comment_id = parse_cursor(after)
        query = query.where(sa.tuple_(comments.c.posted_at, comments.c.id) > sa.tuple_(*_bound(posted_at, comment_id)))
    rows = conn.execute(query.order_by(comments.c.posted_at, comments.c.id).limit(limit))
    return [listed_from(row) for row in rows]


def parse_cursor(cursor: str) -> tuple[datetime, str]:
    micros, _dot, comment_id = cursor.partition(".")
    try:
        return EPOCH + timedelta(microseconds=int(micros)), str(uuid.UUID(comment_id))
    except (OverflowError, ValueError) as e:
        raise ValueError("not a cursor") from e


def _bound(posted_at: datetime, comment_id: str) -> tuple[sa.ColumnElement[Any], ...]:
    return (
        sa.bindparam(None, posted_at, type_=comments.c.posted_at.type),
        sa.bindparam(None, comment_id, type_=comments.c.id.type),
    )


def move(conn: Connection, comment: Comment, to: CommentStatus, *, now: datetime, **values: Any) -> bool:
    """The one status change. True only if the row still has the version and status of ``comment``."""
    result = conn.execute(
        comments.update()
        .where(
            comments.c.id == comment.id,
            comments.c.version == comment.version,
            comments.c.status == comment.status,
        )
        .values(status=to, version=comment.version + 1, updated_at=now, **values)
    )
    return result.rowcount == 1


def amend(conn: Connection, comment: Comment, **values: Any) -> bool:
    """Changes columns that are not part of a version, if the row still has the version and status of ``comment``."""
    seen = sa.and_(
        comments.c.id == comment.id, comments.c.version == comment.version, comments.c.status == comment.status
    )
    return conn.execute(comments.update().where(seen).values(**values)).rowcount == 1


def insert_edit(conn: Connection, comment: Comment, *, now: datetime) -> None:
    """Keeps the text that an edit replaces."""
    conn.execute(
        comment_edits.insert().values(
            comment_id=comment.id, version=comment.version, text=comment.text, replaced_at=now
        )
    )


def comment_from(row: Row[Any] | Mapping[str, Any]) -> Comment:
    fields = row if isinstance(row, Mapping) else row._mapping
    return Comment(
        id=fields["id"],
        site_id=fields["site_id"],
        external_id=fields["external_id"],
        article_id=fields["article_id"],
        author_id=fields["author_id"],
        parent_id=fields["parent_id"],
        text=fields["text"],
        language=fields["language"],
        status=CommentStatus(fields["status"]),
        version=fields["version"],
        posted_at=fields["posted_at"],
        received_at=fields["received_at"],
        updated_at=fields["updated_at"],
        lane=Lane(fields["lane"]),
        request_id=fields["request_id"],
    )


def listed_from(row: Row[Any]) -> Listed:
    return Listed(
        comment_from(row), row.article_external_id, row.author_external_id, row.author_name, row.parent_external_id
    )
