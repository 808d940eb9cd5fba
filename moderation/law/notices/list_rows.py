"""The desk's list of notices, newest first. A page that looks for what no index knows reads one stretch of each site's
notices, so that it costs the same however few match; a stretch without a match still leads on to the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.law.notices.rows import IS_OPEN, notice_from
from moderation.law.notices.values import LegalNotice, NoticeState
from moderation.spine.articles.tables import articles
from moderation.spine.comments.tables import comments, notices

LOOKED_AT = 1_000  # notices of each site, for one page


@dataclass(frozen=True, slots=True)
class NoticesWanted:
    """Notices of some sites; without further wishes all of them."""

    site_ids: tuple[str, ...]
    state: NoticeState | None = None
    category: str | None = None
    is_trusted: bool | None = None  # only a trusted flagger's, or only others
    language: str | None = None
    since: datetime | None = None  # received then or later
    until: datetime | None = None  # received then or earlier


@dataclass(frozen=True, slots=True)
class ListedNotice:
    """A notice with its comment."""

    notice: LegalNotice
    text: str
    status: CommentStatus
    article_title: str | None


@dataclass(frozen=True, slots=True)
class NoticeListing:
    found: tuple[ListedNotice, ...]
    older: str | None  # where the next page continues, None at the end
    is_cut: bool  # there may be more, though this page is not full


def listing(conn: Connection, wanted: NoticesWanted, *, before: str | None, limit: int) -> NoticeListing:
    """``before`` is the ``older`` of the page above: a notice's id."""
    above = _place_of(conn, before) if before is not None else None
    fits = _fits(wanted)
    most = LOOKED_AT if fits else limit + 1
    stretches = [list(conn.execute(_stretch(wanted, site_id, above, fits, most))) for site_id in wanted.site_ids]
    # Notices beyond the end of one site's stretch wait for the next page, which has that site's next ones too
    ends = [_place(rows[-1]) for rows in stretches if fits and len(rows) == most]
    end = max(ends, default=None)
    places = sorted((_place(row) for rows in stretches for row in rows if row.fits), reverse=True)
    places = [place for place in places if end is None or place >= end]
    is_full = len(places) > limit
    last = places[limit - 1] if is_full else end
    listed = _with_ids(conn, [id for _received_at, id in places[:limit]])
    return NoticeListing(listed, last[1] if last else None, is_cut=not is_full and end is not None)


def find(conn: Connection, site_ids: Sequence[str], notice_id: str) -> ListedNotice | None:
    """By its number. None for one of another site, too."""
    return next((listed for listed in _with_ids(conn, [notice_id]) if listed.notice.site_id in site_ids), None)


def _stretch(
    wanted: NoticesWanted,
    site_id: str,
    above: tuple[datetime, str] | None,
    fits: Sequence[sa.ColumnElement[bool]],
    most: int,
) -> sa.Select[Any]:
    """The open ones and the times of receipt come off an index; all else is looked at."""
    query = sa.select(notices.c.id, notices.c.received_at, sa.and_(sa.true(), *fits).label("fits"))
    query = query.where(notices.c.site_id == site_id)
    if wanted.state is NoticeState.OPEN:
        query = query.where(IS_OPEN)
    if wanted.since is not None:
        query = query.where(notices.c.received_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(notices.c.received_at <= wanted.until)
    if above is not None:
        bound = (
            sa.bindparam(None, above[0], notices.c.received_at.type),
            sa.bindparam(None, above[1], notices.c.id.type),
        )
        query = query.where(sa.tuple_(notices.c.received_at, notices.c.id) < sa.tuple_(*bound))
    return query.order_by(notices.c.received_at.desc(), notices.c.id.desc()).limit(most)


def _fits(wanted: NoticesWanted) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.state not in (None, NoticeState.OPEN):
        conditions.append(sa.func.coalesce(notices.c.outcome, "") == wanted.state)
    if wanted.category is not None:
        conditions.append(notices.c.category == wanted.category)
    if wanted.is_trusted is not None:
        conditions.append(notices.c.flagger.is_not(None) if wanted.is_trusted else notices.c.flagger.is_(None))
    if wanted.language is not None:
        conditions.append(notices.c.language == wanted.language)
    return conditions


def _place_of(conn: Connection, notice_id: str) -> tuple[datetime, str] | None:
    row = conn.execute(sa.select(notices.c.id, notices.c.received_at).where(notices.c.id == notice_id)).one_or_none()
    return _place(row) if row else None


def _place(row: Any) -> tuple[datetime, str]:
    return row.received_at, row.id


def _with_ids(conn: Connection, ids: Sequence[str]) -> tuple[ListedNotice, ...]:
    """In the order of the ids."""
    if not ids:
        return ()
    query = (
        sa.select(notices, comments.c.text, comments.c.status, articles.c.title)
        .select_from(notices)
        .join(comments, comments.c.id == notices.c.comment_id)
        .join(articles, articles.c.id == comments.c.article_id)
        .where(notices.c.id.in_(ids))
    )
    by_id = {
        row.id: ListedNotice(notice_from(row), row.text, CommentStatus(row.status), row.title)
        for row in conn.execute(query)
    }
    return tuple(by_id[id] for id in ids if id in by_id)
