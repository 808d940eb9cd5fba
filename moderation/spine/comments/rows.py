"""Comments: arriving, being found, being listed, and moving from one status to another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.errors import NotFound
from moderation.ground.values.comments import Comment, Lane
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.language_names import first_known
from moderation.judging.text.reading_cost import cost_of
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comment_edits, comments

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """A comment as the API shows it: with the site's own ids of article, author and parent, unlike a Comment."""

    comment: Comment
    article_external_id: str
    author_external_id: str
    author_name: str | None
    parent_external_id: str | None
    parent_status: CommentStatus | None = None
    replies: int = 0  # published ones


_parents = comments.alias("parents")
_replies = comments.alias("replies")
_REPLIES = (
    sa.select(sa.func.count())
    .select_from(_replies)
    .where(_replies.c.parent_id == comments.c.id, _replies.c.status == CommentStatus.PUBLISHED)
    .correlate(comments)
    .scalar_subquery()
)
LISTED = (
    sa.select(
        comments,
        articles.c.external_id.label("article_external_id"),
        authors.c.external_id.label("author_external_id"),
        authors.c.name.label("author_name"),
        _parents.c.external_id.label("parent_external_id"),
        _parents.c.status.label("parent_status"),
        _REPLIES.label("published_replies"),
    )
    .join(articles, articles.c.id == comments.c.article_id)
    .join(authors, authors.c.id == comments.c.author_id)
    .outerjoin(_parents, _parents.c.id == comments.c.parent_id)
)
"""Comments with all that a Listed holds."""


# Made once: they run for every comment, and making a statement costs as much as running it
_INSERT = comments.insert()
_COMMENT = sa.select(comments).where(
    comments.c.site_id == sa.bindparam("site_id"), comments.c.external_id == sa.bindparam("external_id")
)
_DIGEST = sa.select(comments.c.body_digest).where(
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
        "judged_in": first_known(comment.language),
        "lane": comment.lane,
        "cost": comment.cost,
        "body_digest": body_digest,
        "request_id": comment.request_id,
        "status": comment.status,
        "version": comment.version,
        "posted_at": comment.posted_at,
        "received_at": comment.received_at,
        "updated_at": comment.updated_at,
    }
    conn.execute(_INSERT, values)


def find_comment(conn: Connection, site_id: str, external_id: str) -> Comment | None:
    """The comment with the site's own id."""
    row = conn.execute(_COMMENT, {"site_id": site_id, "external_id": external_id}).one_or_none()
    return comment_from(row) if row else None


def find_digest(conn: Connection, site_id: str, external_id: str) -> str | None:
    """The digest of the body that the comment was submitted with; None if there is no such comment."""
    digest = conn.execute(_DIGEST, {"site_id": site_id, "external_id": external_id}).scalar_one_or_none()
    return None if digest is None else str(digest)


def get_comment(conn: Connection, site_id: str, external_id: str) -> Comment:
    """The comment with the site's own id. Raises NotFound."""
    comment = find_comment(conn, site_id, external_id)
    if comment is None:
        raise NotFound("comment", external_id)
    return comment


def texts(conn: Connection, comment_ids: Sequence[str]) -> dict[str, str]:
    """By id, of those comments that are there."""
    query = sa.select(comments.c.id, comments.c.text).where(comments.c.id.in_(comment_ids))
    return {row.id: row.text for row in conn.execute(query)} if comment_ids else {}


def versions(conn: Connection, comment_ids: Sequence[str]) -> dict[str, int]:
    """By id, of those comments that are there."""
    query = sa.select(comments.c.id, comments.c.version).where(comments.c.id.in_(comment_ids))
    return {row.id: row.version for row in conn.execute(query)} if comment_ids else {}


def get_by_id(conn: Connection, comment_id: str) -> Comment:
    """The comment with Gavel's own id. Raises NotFound."""
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


def lock_all(conn: Connection, comment_ids: Sequence[str]) -> list[Comment]:
    """As ``lock``, in the order in which everybody locks many. Those that are gone are left out."""
    query = sa.select(comments).where(comments.c.id.in_(comment_ids)).order_by(comments.c.id)
    return [comment_from(row) for row in conn.execute(query.with_for_update(key_share=True))]


def lock_external(conn: Connection, site_id: str, external_id: str) -> Comment:
    """As ``lock``, by the site's own id."""
    row = conn.execute(_LOCKED, {"site_id": site_id, "external_id": external_id}).one_or_none()
    if row is None:
        raise NotFound("comment", external_id)
    return comment_from(row)


def get_listed(conn: Connection, site_id: str, external_id: str) -> Listed:
    row = conn.execute(LISTED.where(comments.c.site_id == site_id, comments.c.external_id == external_id)).one_or_none()
    if row is None:
        raise NotFound("comment", external_id)
    return listed_from(row)


def listed_by_ids(conn: Connection, ids: Sequence[str]) -> dict[str, Listed]:
    rows = conn.execute(LISTED.where(comments.c.id.in_(ids)))
    return {row.id: listed_from(row) for row in rows}


def article_and_author_ids(conn: Connection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """For each comment the site's own ids of its article and author."""
    rows = conn.execute(_ARTICLE_AND_AUTHOR_IDS, {"ids": list(ids)}) if ids else ()
    return {row.id: (row.article, row.author) for row in rows}


_ARTICLE_AND_AUTHOR_IDS = (
    sa.select(comments.c.id, articles.c.external_id.label("article"), authors.c.external_id.label("author"))
    .join(articles, articles.c.id == comments.c.article_id)
    .join(authors, authors.c.id == comments.c.author_id)
    .where(comments.c.id.in_(sa.bindparam("ids", expanding=True)))
)


def headings(conn: Connection, comment_id: str) -> tuple[str | None, str | None, bool]:
    """The author's name and the article's title, if the site gave them, and whether it is a copy in a campaign."""
    name, title, campaign_id = conn.execute(_HEADINGS, {"comment_id": comment_id}).one()
    return name, title, campaign_id is not None


# Made once: every page of the queue runs it
_HEADINGS = (
    sa.select(authors.c.name, articles.c.title, comments.c.campaign_id)
    .select_from(comments)
    .join(authors, authors.c.id == comments.c.author_id)
    .join(articles, articles.c.id == comments.c.article_id)
    .where(comments.c.id == sa.bindparam("comment_id"))
)


def erased_among(conn: Connection, comment_ids: Collection[str]) -> set[str]:
    """The comments without a text: no comment is taken in without one."""
    query = sa.select(comments.c.id).where(comments.c.id.in_(comment_ids), comments.c.text == "")
    return set(conn.execute(query).scalars())


def arrivals(conn: Connection, author_id: str, *, since: datetime, limit: int) -> list[tuple[datetime, int]]:
    """When an author's newest comments came, newest first, of those after ``since``, with the cost of reading each."""
    query = (
        sa.select(comments.c.received_at, sa.func.coalesce(comments.c.cost, 0).label("cost"))
        .where(comments.c.author_id == author_id, comments.c.received_at > since)
        .order_by(comments.c.received_at.desc())
        .limit(limit)
    )
    return [(row.received_at, row.cost) for row in conn.execute(query)]


def costs_of(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    """The cost of reading each comment. Of one that was stored before costs were kept, its text says it."""
    if not ids:
        return {}
    unknown = sa.case((comments.c.cost.is_(None), comments.c.text)).label("text")
    query = sa.select(comments.c.id, comments.c.cost, unknown).where(comments.c.id.in_(ids))
    return {row.id: cost_of(row.text) if row.cost is None else row.cost for row in conn.execute(query)}


def set_cost(conn: Connection, comment_id: str, cost: int) -> None:
    """Sets the cost of a text that replaces another one."""
    conn.execute(comments.update().where(comments.c.id == comment_id).values(cost=cost))


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
        featured_at=fields["featured_at"],
        noticed_at=fields["noticed_at"],
    )


def listed_from(row: Row[Any]) -> Listed:
    return Listed(
        comment_from(row),
        row.article_external_id,
        row.author_external_id,
        row.author_name,
        row.parent_external_id,
        CommentStatus(row.parent_status) if row.parent_status is not None else None,
        row.published_replies,
    )
