"""Past decisions by filters, newest first. A page that looks for what no index knows reads one stretch of each site's
decisions, so that it costs the same however few match; a stretch without a match still leads on to the next one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import stay_alone
from moderation.ground.values.statuses import PEOPLE, CommentStatus
from moderation.ground.values.verdicts import ReasonCode
from moderation.moderators.finding.history_rows import Entry, entries, entry_from
from moderation.spine.comments.decision_rows import first_reason, named_reason
from moderation.spine.comments.scoring_rows import JUDGED_IN
from moderation.spine.comments.tables import BY_PEOPLE, comments, decisions

LOOKED_AT = 1_000  # decisions of each site, for one page
RECENT = 1_000  # decisions of each site, of anybody, among which there are the reasons to choose from


class HistoryOutcome(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    ESCALATED = "escalated"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class HistoryWanted:
    """``reads`` are all sites of the reader: of a batch they see the decisions there, though one site be chosen."""

    site_ids: tuple[str, ...]
    reads: tuple[str, ...]
    moderator_id: str | None = None
    since: str | None = None  # the first id of the first day, and the first after the last
    until: str | None = None
    outcome: HistoryOutcome | None = None
    sections: tuple[str, ...] = ()  # all spellings of one
    language: str | None = None  # that the comment is judged in: a base code in small letters
    article_id: str | None = None
    author_id: str | None = None
    flagged_for: str | None = None  # why the comment was last held before the decision

    @property
    def of_comments(self) -> dict[str, str | tuple[str, ...]]:
        """The filters that single comments of a batch may fit: a batch is no one line then."""
        named: dict[str, str | tuple[str, ...] | None] = {
            "section": self.sections,
            "language": self.language,
            "article_id": self.article_id,
            "author_id": self.author_id,
            "flagged_for": self.flagged_for,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class HistoryListing:
    found: tuple[Entry, ...]
    older: str | None  # where the next page continues, None at the end
    is_cut: bool  # there may be more, though this page is not full


def listing(conn: Connection, wanted: HistoryWanted, *, before: str | None, limit: int) -> HistoryListing:
    """``before`` is the ``older`` of the page above. A batch is one line, its last decision at the sites that the
    reader ``reads``, except under filters of comments."""
    is_narrow = wanted.outcome is not None or bool(wanted.of_comments)
    walk = _narrow if is_narrow else _walk
    stay_alone(conn)
    stretches = [list(conn.execute(walk(wanted, site_id, before, limit))) for site_id in wanted.site_ids]
    # Decisions beyond the end of one site's stretch wait for the next page, which has that site's next ones too
    ends = [rows[0].last_id for rows in stretches if rows and rows[0].size == LOOKED_AT] if is_narrow else []
    end = max(ends, default=None)
    fitting = [row.id for rows in stretches for row in rows if not is_narrow or row.fits]
    fitting = sorted((id for id in fitting if end is None or id >= end), reverse=True)
    shown = fitting[:limit]
    is_full = len(fitting) > limit
    return HistoryListing(_by_ids(conn, shown), shown[-1] if is_full else end, is_cut=not is_full and bool(ends))


def _walk(wanted: HistoryWanted, site_id: str, before: str | None, limit: int) -> sa.Select[Any]:
    """One more than the page has room for."""
    return _of_site(wanted, site_id, before, decisions.c.id).limit(limit + 1)


def _narrow(wanted: HistoryWanted, site_id: str, before: str | None, limit: int) -> sa.Select[Any]:
    """Of a stretch: those that fit, as far as the page and one more have room, and its last one even if it does not.
    Each with the stretch's last id and its size. The database leaves out the rest: reading all takes longer."""
    fits = sa.and_(*_fits(wanted)).label("fits")
    query = _of_site(wanted, site_id, before, decisions.c.id, fits)
    if wanted.of_comments:
        query = query.join(comments, comments.c.id == decisions.c.comment_id)
    looked_at = query.limit(LOOKED_AT).subquery()
    last_id = (
        sa.func.first_value(looked_at.c.id, type_=decisions.c.id.type).over(order_by=looked_at.c.id).label("last_id")
    )
    sized = sa.select(looked_at, last_id, sa.func.count().over().label("size")).subquery()
    fitting = sa.select(sized).where(sa.or_(sized.c.fits, sized.c.id == sized.c.last_id))
    return fitting.order_by(sized.c.id.desc()).limit(limit + 2)


def _of_site(wanted: HistoryWanted, site_id: str, before: str | None, *columns: Any) -> sa.Select[Any]:
    last = min((id for id in (before, wanted.until) if id is not None), default=None)
    bounds = [decisions.c.id < last] if last is not None else []
    bounds += [decisions.c.id >= wanted.since] if wanted.since is not None else []
    walk = sa.select(*columns).select_from(decisions).where(*_whose(wanted, site_id), *bounds)
    walk = walk.order_by(decisions.c.id.desc())
    return walk if wanted.of_comments else walk.where(_is_last_of_batch(wanted))


def _whose(wanted: HistoryWanted, site_id: str) -> list[sa.ColumnElement[bool] | sa.TextClause]:
    if wanted.moderator_id is None:
        return [decisions.c.site_id == site_id, sa.text(BY_PEOPLE)]
    return [decisions.c.site_id == site_id, decisions.c.moderator_id == wanted.moderator_id]


def flagged_for(conn: Connection, site_ids: Sequence[str]) -> list[str]:
    """The first reasons for which the sites' newest comments were held, each once; a rule on several signals by its
    words."""
    reasons: set[str] = set()
    for site_id in site_ids:
        newest = sa.select(decisions.c.id).where(decisions.c.site_id == site_id)
        newest = newest.order_by(decisions.c.id.desc()).limit(RECENT)
        held = sa.select(named_reason(_HELD)).where(_HELD.c.id.in_(newest), *_IS_HELD).distinct()
        reasons |= {reason for (reason,) in conn.execute(held) if reason}
    return sorted(reasons)


_HELD = decisions.alias("held")
_IS_HELD = (_HELD.c.status_after == CommentStatus.FLAGGED, _HELD.c.decided_by.not_in(PEOPLE))


def _last_held_for(reason: sa.ColumnElement[str]) -> sa.ScalarSelect[str]:
    """The reason of the policy's last decision before this one that held the comment."""
    return (
        sa.select(reason)
        .where(_HELD.c.comment_id == decisions.c.comment_id, _HELD.c.version < decisions.c.version, *_IS_HELD)
        .order_by(_HELD.c.version.desc())
        .limit(1)
        .correlate(decisions)
        .scalar_subquery()
    )


_FLAGGED_FOR, _FLAGGED_FOR_CODE = _last_held_for(named_reason(_HELD)), _last_held_for(first_reason(_HELD))
_IN_BATCH = decisions.alias("in_batch")
_IS_FOLLOWED = sa.exists().where(
    _IN_BATCH.c.batch_id == decisions.c.batch_id,
    _IN_BATCH.c.batch_id.is_not(None),  # the batches' index needs it
    _IN_BATCH.c.id > decisions.c.id,
    _IN_BATCH.c.moderator_id == decisions.c.moderator_id,
    _IN_BATCH.c.undoes.is_(None) == decisions.c.undoes.is_(None),
)


def _is_last_of_batch(wanted: HistoryWanted) -> sa.ColumnElement[bool]:
    sites = wanted.reads if len(wanted.site_ids) > 1 else wanted.site_ids
    followed = _IS_FOLLOWED.where(_IN_BATCH.c.site_id.in_(sites))
    if wanted.until is not None:
        followed = followed.where(_IN_BATCH.c.id < wanted.until)
    # Most belong to no batch, and need no further query
    return sa.case((decisions.c.batch_id.is_(None), True), else_=~followed)


_OF_COMMENTS: dict[str, sa.ColumnElement[Any]] = {
    "section": comments.c.section,
    "language": JUDGED_IN,
    "article_id": comments.c.article_id,
    "author_id": comments.c.author_id,
    "flagged_for": _FLAGGED_FOR,
}


def _fits(wanted: HistoryWanted) -> Iterator[sa.ColumnElement[bool]]:
    for name, value in wanted.of_comments.items():
        column = _FLAGGED_FOR_CODE if value == ReasonCode.COMBINED else _OF_COMMENTS[name]  # all of them by no name
        yield sa.func.coalesce(column.in_(value) if isinstance(value, tuple) else column == value, sa.false())
    if wanted.outcome is not None:
        yield _LED_TO[wanted.outcome]


_IS_ANEW = sa.and_(decisions.c.undoes.is_(None), decisions.c.featured.is_(None))  # a pick leaves the comment published
_IS_ESCALATION = sa.and_(
    decisions.c.status_before == CommentStatus.FLAGGED, decisions.c.status_after == CommentStatus.FLAGGED
)
_LED_TO = {
    HistoryOutcome.APPROVED: sa.and_(_IS_ANEW, decisions.c.status_after == CommentStatus.PUBLISHED),
    HistoryOutcome.REJECTED: sa.and_(_IS_ANEW, decisions.c.status_after == CommentStatus.REJECTED),
    HistoryOutcome.ESCALATED: sa.and_(_IS_ANEW, _IS_ESCALATION),
    HistoryOutcome.UNDONE: decisions.c.undoes.is_not(None),
}


def _by_ids(conn: Connection, ids: list[str]) -> tuple[Entry, ...]:
    if not ids:
        return ()
    query = entries().where(decisions.c.id.in_(ids)).order_by(decisions.c.id.desc())
    return tuple(entry_from(row) for row in conn.execute(query))
