"""Notices, and the place in the queue of the comments that have an open one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.engine import new_id
from moderation.ground.errors import NotFound
from moderation.ground.values.statuses import CommentStatus
from moderation.ground.values.verdicts import ReasonCode
from moderation.law.notices.notifiers import MAIL
from moderation.law.notices.values import LegalNotice, Outcome, Place
from moderation.spine.articles.tables import articles
from moderation.spine.comments.priority import with_notice
from moderation.spine.comments.tables import comments, decisions, notices

_COLUMNS = tuple(column.name for column in notices.columns)
IS_OPEN = notices.c.outcome.is_(None)
_OPEN_ON = (
    sa.select(notices)
    .where(notices.c.comment_id.in_(sa.bindparam("ids", expanding=True)), IS_OPEN)
    .order_by(notices.c.comment_id, notices.c.id)
)
_DECIDED_BY = sa.select(notices).where(notices.c.decision_id.in_(sa.bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class NoticedComment:
    """The comment of a notice, by the site's own ids."""

    comment_id: str
    article_title: str | None
    status: CommentStatus
    version: int


@dataclass(frozen=True, slots=True)
class NoticeDecision:
    """The decision that answers a notice."""

    id: str
    made_at: datetime
    reason: str | None
    reasons: Sequence[Mapping[str, Any]]


def insert(conn: Connection, notice: LegalNotice) -> None:
    conn.execute(notices.insert().values({name: getattr(notice, name) for name in _COLUMNS}))


def find(conn: Connection, notice_id: str) -> LegalNotice | None:
    row = conn.execute(sa.select(notices).where(notices.c.id == notice_id)).one_or_none()
    return notice_from(row) if row else None


def get(conn: Connection, site_id: str, notice_id: str) -> LegalNotice:
    """Raises NotFound for one of another site, too."""
    notice = find(conn, notice_id)
    if notice is None or notice.site_id != site_id:
        raise NotFound("notice", notice_id)
    return notice


def by_reader(conn: Connection, comment_id: str, reader_id: str) -> LegalNotice | None:
    """The open notice of this reader about the comment."""
    mine = sa.and_(notices.c.comment_id == comment_id, notices.c.reader_id == reader_id, IS_OPEN)
    row = conn.execute(sa.select(notices).where(mine).order_by(notices.c.id).limit(1)).one_or_none()
    return notice_from(row) if row else None


def on_comment(conn: Connection, comment_id: str, *, limit: int) -> list[LegalNotice]:
    """Open ones first, then the newest."""
    query = sa.select(notices).where(notices.c.comment_id == comment_id)
    return [notice_from(row) for row in conn.execute(query.order_by(IS_OPEN.desc(), notices.c.id.desc()).limit(limit))]


def standing_on(conn: Connection, comment_id: str, *, since: datetime | None) -> list[LegalNotice]:
    """The open notices of the comment, and those that were dismissed after ``since``: the open ones first, then the
    newest, so many that none is missed."""
    dismissed = notices.c.outcome == Outcome.DISMISSED
    if since is not None:
        dismissed = sa.and_(dismissed, notices.c.decided_at > since)
    query = sa.select(notices).where(notices.c.comment_id == comment_id, sa.or_(IS_OPEN, dismissed))
    return [notice_from(row) for row in conn.execute(query.order_by(IS_OPEN.desc(), notices.c.id.desc()))]


def open_on(conn: Connection, comment_ids: Sequence[str]) -> dict[str, list[LegalNotice]]:
    """The open notices by comment; comments without one are left out."""
    return _by_comment(conn.execute(_OPEN_ON, {"ids": list(comment_ids)}))


def decided_by(conn: Connection, decision_ids: Sequence[str]) -> dict[str, list[LegalNotice]]:
    """For each comment the notices that these decisions answered."""
    return _by_comment(conn.execute(_DECIDED_BY, {"ids": list(decision_ids)}))


def of_reader(
    conn: Connection, site_id: str, reader_id: str, *, after: str | None, limit: int
) -> list[tuple[str, LegalNotice]]:
    """The reader's own, oldest first, each with the site's own id of the comment."""
    query = (
        sa.select(notices, comments.c.external_id)
        .join(comments, comments.c.id == notices.c.comment_id)
        .where(notices.c.site_id == site_id, notices.c.reader_id == reader_id)
        .order_by(notices.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(notices.c.id > after)
    return [(row.external_id, notice_from(row)) for row in conn.execute(query)]


def about(conn: Connection, comment_id: str) -> NoticedComment:
    query = sa.select(comments.c.external_id, comments.c.status, comments.c.version, articles.c.title).join(
        articles, articles.c.id == comments.c.article_id
    )
    row = conn.execute(query.where(comments.c.id == comment_id)).one()
    return NoticedComment(row.external_id, row.title, CommentStatus(row.status), row.version)


def decision_at(conn: Connection, comment_id: str, version: int) -> str:
    """The id of the decision on a version of the comment."""
    of_version = sa.and_(decisions.c.comment_id == comment_id, decisions.c.version == version)
    return str(conn.execute(sa.select(decisions.c.id).where(of_version)).scalar_one())


def decision_of(conn: Connection, decision_id: str) -> NoticeDecision:
    columns = (decisions.c.created_at, decisions.c.category, decisions.c.reasons)
    row = conn.execute(sa.select(*columns).where(decisions.c.id == decision_id)).one()
    return NoticeDecision(decision_id, row.created_at, row.category, row.reasons)


def close(conn: Connection, notice: LegalNotice) -> bool:
    """Writes down the outcome. False if it has one already."""
    values = {name: getattr(notice, name) for name in ("outcome", "decision_id", "event_id", "answer", "decided_at")}
    still = sa.and_(notices.c.id == notice.id, IS_OPEN)
    return conn.execute(notices.update().where(still).values(values)).rowcount == 1


def reopen(conn: Connection, notice_ids: Sequence[str]) -> None:
    gone = {"outcome": None, "decision_id": None, "event_id": None, "answer": None, "decided_at": None}
    conn.execute(notices.update().where(notices.c.id.in_(notice_ids)).values(gone))


def place(conn: Connection, comment_id: str, open_notices: Sequence[LegalNotice]) -> None:
    """Puts the comment before those without a notice, a trusted flagger's first, or back among them. One that stays
    online comes last of all where no notice puts it first; one that is offline keeps its place then."""
    mine = comments.c.id == comment_id
    row = conn.execute(sa.select(comments.c.priority, comments.c.status).where(mine)).one()
    is_online = bool(open_notices) and row.status == CommentStatus.PUBLISHED
    level = max((2 if notice.is_trusted else 1 for notice in open_notices if notice.is_first), default=-int(is_online))
    values: dict[str, object] = {"priority": with_notice(row.priority, level)}
    values["noticed_at"] = min(notice.received_at for notice in open_notices) if is_online else None
    if is_online or (level and row.status == CommentStatus.FLAGGED):
        values["flagged_for"] = ReasonCode.NOTICED.value
    conn.execute(comments.update().where(mine).values(values))


def past_keeping(conn: Connection, site_id: str, before: datetime, *, after: str | None, limit: int) -> list[str]:
    """Notices that were decided before ``before``, in order of their ids."""
    query = sa.select(notices.c.id).where(notices.c.site_id == site_id, notices.c.decided_at < before)
    return _page(conn, query, after, limit)


def contacts_past_need(conn: Connection, site_id: str, before: datetime, *, after: str | None, limit: int) -> list[str]:
    """As ``past_keeping``, of those that still have a name or an address."""
    query = sa.select(notices.c.id).where(
        notices.c.site_id == site_id,
        notices.c.decided_at < before,
        sa.or_(notices.c.name.is_not(None), notices.c.email.is_not(None)),
    )
    return _page(conn, query, after, limit)


def delete(conn: Connection, ids: Sequence[str]) -> int:
    """Returns how many went."""
    return conn.execute(notices.delete().where(notices.c.id.in_(ids))).rowcount


def forget_contacts(conn: Connection, ids: Sequence[str]) -> int:
    """Returns how many had one."""
    is_address = notices.c.notifier.startswith(MAIL, autoescape=True)
    gone = {"name": None, "email": None, "notifier": sa.case((is_address, None), else_=notices.c.notifier)}
    return conn.execute(notices.update().where(notices.c.id.in_(ids)).values(gone)).rowcount


def forget_words(conn: Connection, comment_ids: Sequence[str]) -> None:
    """Empties the words about the comments, which may quote them. The notices themselves stay, with their outcomes."""
    of_these = notices.c.comment_id.in_(comment_ids)
    conn.execute(notices.update().where(of_these).values(explanation="", answer=None))


def forget_reader(conn: Connection, site_id: str, reader_id: str) -> int:
    """The notices of one reader stay, as somebody's. Returns how many there were."""
    mine = sa.and_(notices.c.site_id == site_id, notices.c.reader_id == reader_id)
    ids = conn.execute(sa.select(notices.c.id).where(mine)).scalars().all()
    for notice_id in ids:
        gone = {"reader_id": f"erased {new_id()}", "name": None, "email": None, "notifier": None, "explanation": ""}
        conn.execute(notices.update().where(notices.c.id == notice_id).values(gone))
    return len(ids)


def _page(conn: Connection, query: sa.Select[Any], after: str | None, limit: int) -> list[str]:
    if after is not None:
        query = query.where(notices.c.id > after)
    return list(conn.execute(query.order_by(notices.c.id).limit(limit)).scalars())


def _by_comment(rows: Any) -> dict[str, list[LegalNotice]]:
    by_comment: dict[str, list[LegalNotice]] = defaultdict(list)
    for row in rows:
        by_comment[row.comment_id].append(notice_from(row))
    return dict(by_comment)


def notice_from(row: Row[Any]) -> LegalNotice:
    """Of a row that has all columns of a notice."""
    values = {name: row._mapping[name] for name in _COLUMNS}
    values["place"] = Place(row.place) if row.place else None
    return LegalNotice(**{**values, "outcome": Outcome(row.outcome) if row.outcome else None})
