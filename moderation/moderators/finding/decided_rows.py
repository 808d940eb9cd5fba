"""Published or rejected comments, newest first. A page reads one stretch of an index, so that it costs the same
however few comments match; a stretch without a match still leads on to the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.engine import first_id_at
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.finding.search_rows import SearchHit, found_by_ids
from moderation.moderators.queue.view_rows import QueueView
from moderation.spine.comments.scoring_rows import JUDGED_IN
from moderation.spine.comments.tables import EVER, comments

LOOKED_AT = 1_000  # comments of each site, for one page


@dataclass(frozen=True, slots=True)
class DecidedListing:
    found: tuple[SearchHit, ...]
    older: str | None  # where the next page continues, None at the end
    is_cut: bool  # there may be more, though this page is not full


def listing(
    conn: Connection, view: QueueView, status: CommentStatus, *, before: str | None, limit: int
) -> DecidedListing:
    """Takes the view's filters except the reason of the flag, which is kept only while a comment waits.

    ``before`` is the ``older`` of the page above. An author's or an article's comments come in the order in which they
    were posted, all others in the order of their arrival.
    """
    stretches = [list(conn.execute(query.limit(LOOKED_AT))) for query in _walks(conn, view, status, before)]
    # Comments beyond the end of one site's stretch wait for the next page, which has that site's next ones too
    ends = [rows[-1].id for rows in stretches if len(rows) == LOOKED_AT]
    end = max(ends, default=None)
    seen = [row for rows in stretches for row in rows]
    if len(stretches) > 1:
        seen = sorted((row for row in seen if end is None or row.id >= end), key=lambda row: row.id, reverse=True)
    fitting = [row.id for row in seen if _fits(row, view, status)]
    shown = fitting[:limit]
    is_full = len(fitting) > limit
    return DecidedListing(
        tuple(found_by_ids(conn, shown)), shown[-1] if is_full else end, is_cut=not is_full and bool(ends)
    )


def _walks(conn: Connection, view: QueueView, status: CommentStatus, before: str | None) -> list[sa.Select[Any]]:
    oldest_first = first_id_at(view.older_than) if view.older_than else None
    if view.author_id is None and view.article_id is None:
        bounds = [id for id in (before, oldest_first) if id is not None]
        walk = sa.select(*_seen(view)).order_by(comments.c.id.desc())
        return [
            walk.where(comments.c.site_id == site_id, sa.text(EVER), *(comments.c.id < bound for bound in bounds))
            for site_id in view.site_ids
        ]
    # Of one author or article, who may be another site's. Not by the site's index: SQLite does not see through coalesce
    mine = sa.func.coalesce(comments.c.site_id, None).in_(view.site_ids)
    walk = sa.select(*_seen(view)).where(mine).order_by(comments.c.posted_at.desc(), comments.c.id.desc())
    if view.author_id is not None:
        walk = walk.where(comments.c.author_id == view.author_id)
    else:
        walk = walk.where(comments.c.article_id == view.article_id, comments.c.status == status)
    if before is not None:
        posted_at = conn.execute(sa.select(comments.c.posted_at).where(comments.c.id == before)).scalar()
        last = sa.tuple_(sa.bindparam(None, posted_at, comments.c.posted_at.type),
                         sa.bindparam(None, before, comments.c.id.type))  # fmt: skip
        if posted_at is not None:  # else the cursor has expired, and the list begins again
            walk = walk.where(sa.tuple_(comments.c.posted_at, comments.c.id) < last)
    return [walk if oldest_first is None else walk.where(comments.c.id < oldest_first)]


def _seen(view: QueueView) -> list[sa.ColumnElement[Any]]:
    """No more than the filters need: to read three thousand ids took half of the page's time."""
    return [comments.c.id, comments.c.status, *(_NARROWING[name].label(name) for name in _narrowed(view))]


_NARROWING: dict[str, sa.ColumnElement[Any]] = {
    "section": comments.c.section,
    "language": JUDGED_IN,
    "article_id": comments.c.article_id,
}


def _narrowed(view: QueueView) -> dict[str, str]:
    wanted = {"section": view.section, "language": view.language, "article_id": view.article_id}
    return {name: value for name, value in wanted.items() if value is not None}


def _fits(row: Row[Any], view: QueueView, status: CommentStatus) -> bool:
    wanted = _narrowed(view).items()
    return row.status == status and all((getattr(row, name) or "").lower() == value.lower() for name, value in wanted)
