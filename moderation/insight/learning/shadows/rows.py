"""Policies in the shadow, and their verdicts beside what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.errors import NotFound
from moderation.ground.values.policies import Candidate
from moderation.ground.values.statuses import PEOPLE, Action, CommentStatus
from moderation.ground.values.verdicts import ShadowVerdict
from moderation.insight.checks.rows import blind_to
from moderation.insight.checks.tables import checks
from moderation.insight.learning.shadows.tables import shadow_verdicts, shadows
from moderation.judging.policy import documents
from moderation.spine.comments.standing_rows import last_decided_by
from moderation.spine.comments.tables import comments

DECIDED = (CommentStatus.PUBLISHED, CommentStatus.REJECTED)
PAGE = 200  # differences are frequent: most often the first page has one


@dataclass(frozen=True, slots=True)
class ShadowRow:
    id: str
    site_id: str
    name: str
    document: Mapping[str, Any]
    base_version: int
    started_at: datetime
    started_by: str
    stopped_at: datetime | None = None
    stopped_by: str | None = None
    became: int | None = None
    figures: Mapping[str, Any] | None = None
    counted_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None

    @property
    def has_figures(self) -> bool:
        """Whether it had a verdict on some comment when it was counted last."""
        return bool(self.figures and self.figures["comments"])


@dataclass(frozen=True, slots=True)
class VerdictBeside:
    """A verdict of the shadow with what people decided since, if they did; or several that are alike in all of it."""

    comment_id: str  # empty for several
    action: Action
    policy_action: Action
    reason: str | None
    section: str | None
    language: str | None
    outcome: CommentStatus | None  # published or rejected by a person
    is_second_look: bool  # the person looked because the shadow differed
    weight: float | None = None  # how many comments it speaks for; None where nobody knows
    count: int = 1


def insert(conn: Connection, site_id: str, row: Mapping[str, Any]) -> str:
    """Raises IntegrityError while another one of this name is running. Returns its id."""
    shadow_id = new_id()
    conn.execute(shadows.insert().values(id=shadow_id, site_id=site_id, **row))
    return shadow_id


def get(conn: Connection, shadow_id: str) -> ShadowRow:
    """Raises NotFound."""
    row = conn.execute(sa.select(shadows).where(shadows.c.id == shadow_id)).one_or_none()
    if row is None:
        raise NotFound("shadow", shadow_id)
    return ShadowRow(**row._mapping)


def of_site(conn: Connection, site_id: str, *, limit: int) -> list[ShadowRow]:
    """Newest first."""
    rows = conn.execute(
        sa.select(shadows).where(shadows.c.site_id == site_id).order_by(shadows.c.id.desc()).limit(limit)
    )
    return [ShadowRow(**row._mapping) for row in rows]


def stop(conn: Connection, shadow_id: str, *, by: str, now: datetime, became: int | None = None) -> bool:
    """False if it had been stopped before."""
    running = sa.and_(shadows.c.id == shadow_id, shadows.c.stopped_at.is_(None))
    values = {"stopped_at": now, "stopped_by": by, "became": became}
    return conn.execute(shadows.update().where(running).values(**values)).rowcount == 1


def keep_figures(
    conn: Connection, shadow_id: str, figures: Mapping[str, Any], *, now: datetime, unless_since: datetime | None
) -> None:
    """Unless they were counted again since that moment, with which the caller began to count."""
    column = shadows.c.counted_at
    same = column.is_(None) if unless_since is None else column == unless_since
    mine = sa.and_(shadows.c.id == shadow_id, same)
    conn.execute(shadows.update().where(mine).values(figures=dict(figures), counted_at=now))


_parsed: dict[str, dict[str, Candidate]] = {}
"""The running ones by site and id. Documents never change, so each is parsed once in a process."""


def candidates(conn: Connection, site_id: str) -> tuple[Candidate, ...]:
    """The policies that run in the shadow at the site, oldest first."""
    ids = conn.execute(_RUNNING, {"site_id": site_id}).scalars().all()
    known = _parsed.get(site_id, {})
    _parsed[site_id] = {id: known.get(id) or _candidate(conn, id) for id in ids}
    return tuple(_parsed[site_id].values())


_RUNNING = (
    sa.select(shadows.c.id)
    .where(shadows.c.site_id == sa.bindparam("site_id"), shadows.c.stopped_at.is_(None))
    .order_by(shadows.c.id)
)


def _candidate(conn: Connection, shadow_id: str) -> Candidate:
    document = conn.execute(sa.select(shadows.c.document).where(shadows.c.id == shadow_id)).scalar_one()
    return Candidate(shadow_id, documents.parse(document, 0))


def record(conn: Connection, verdicts: Sequence[ShadowVerdict]) -> None:
    """Each replaces the shadow's earlier verdict on the comment."""
    if not verdicts:
        return
    v = shadow_verdicts.c
    same = sa.tuple_(v.shadow_id, v.comment_id).in_([(verdict.shadow_id, verdict.comment_id) for verdict in verdicts])
    conn.execute(shadow_verdicts.delete().where(same))
    conn.execute(shadow_verdicts.insert(), [asdict(verdict) for verdict in verdicts])


def beside_people(conn: Connection, shadow_id: str, *, most: int) -> list[VerdictBeside]:
    """The newest comments that it had a verdict on, those that are alike together."""
    newest = _with_people(_newest(shadow_id, most)).subquery("each")
    of = newest.c
    judged = sa.case((of.judged.is_not(None), 1), else_=0)
    alike = (of.action, of.policy_action, of.reason, of.section, of.language, of.outcome, of.probability, of.checked)
    empty = sa.literal("").label("comment_id")
    query = sa.select(*alike, judged.label("looked"), empty, sa.func.count().label("n")).group_by(*alike, judged)
    return [_beside(row, bool(row.looked), row.n) for row in conn.execute(query)]


def next_difference(
    conn: Connection, shadow_id: str, *, before: str | None, most: int, reader_id: str
) -> VerdictBeside | None:
    """The newest comment below ``before`` that nobody gave a second look, and where the shadow differs from people, or
    from the policy where people did not decide. It looks at ``most`` comments at most, a page at a time, and leaves out
    those that the reader may still judge blind."""
    for _page in range(-(-most // PAGE)):
        newest = _newest(shadow_id, PAGE, before=before)
        row = conn.execute(_differing(newest, reader_id).order_by(newest.c.comment_id.desc()).limit(1)).one_or_none()
        if row is not None:
            return _beside(row, is_second_look=False)
        last = sa.select(newest.c.comment_id).order_by(newest.c.comment_id).limit(1)
        before = conn.execute(last).scalar()
        if before is None:
            return None
    return None


def on_comment(conn: Connection, shadow_id: str, comment_id: str) -> VerdictBeside:
    """Raises NotFound if the shadow had no verdict on the comment."""
    v = shadow_verdicts.c
    mine = sa.select(shadow_verdicts).where(v.shadow_id == shadow_id, v.comment_id == comment_id).subquery("newest")
    row = conn.execute(_with_people(mine)).one_or_none()
    if row is None:
        raise NotFound("comment", comment_id)
    return _beside(row, row.judged is not None)


def judge(conn: Connection, comment_id: str, outcome: CommentStatus) -> None:
    """Keeps a person's second look beside every verdict on the comment."""
    mine = shadow_verdicts.c.comment_id == comment_id
    conn.execute(shadow_verdicts.update().where(mine).values(judged=outcome))


def _newest(shadow_id: str, most: int, *, before: str | None = None) -> sa.Subquery:
    v = shadow_verdicts.c
    query = sa.select(shadow_verdicts).where(v.shadow_id == shadow_id)
    if before is not None:
        query = query.where(v.comment_id < before)
    return query.order_by(v.comment_id.desc()).limit(most).subquery("newest")


def _differing(newest: sa.Subquery, reader_id: str) -> sa.Select[Any]:
    people = _outcome(newest)
    held = newest.c.action != Action.PUBLISH
    against_people = sa.or_(
        sa.and_(people == CommentStatus.PUBLISHED, held), sa.and_(people == CommentStatus.REJECTED, ~held)
    )
    against_policy = sa.and_(people.is_(None), newest.c.action != newest.c.policy_action)
    is_blind = sa.or_(checks.c.outcome.is_(None), blind_to(reader_id))  # a check must not be given away
    return _with_people(newest).where(
        newest.c.judged.is_(None),
        comments.c.status != CommentStatus.WITHDRAWN,
        sa.or_(checks.c.comment_id.is_(None), ~is_blind),
        sa.or_(against_policy, against_people),
    )


def _with_people(newest: sa.Subquery) -> sa.Select[Any]:
    return (
        sa.select(newest, _outcome(newest), checks.c.probability, checks.c.outcome.label("checked"))
        .join(comments, comments.c.id == newest.c.comment_id)
        .outerjoin(checks, checks.c.comment_id == newest.c.comment_id)
    )


def _outcome(newest: sa.Subquery) -> sa.ColumnElement[Any]:
    """A person's second look, or else the status if a person decided last, or else what a check at random said."""
    by_person = sa.and_(comments.c.status.in_(DECIDED), last_decided_by(newest, newest.c.comment_id).in_(PEOPLE))
    looked = newest.c.judged.is_not(None)
    return sa.case((looked, newest.c.judged), (by_person, comments.c.status), else_=checks.c.outcome).label("outcome")


def _beside(row: Any, is_second_look: bool, count: int = 1) -> VerdictBeside:
    return VerdictBeside(
        comment_id=row.comment_id,
        action=Action(row.action),
        policy_action=Action(row.policy_action),
        reason=row.reason,
        section=row.section,
        language=row.language,
        outcome=None if row.outcome is None else CommentStatus(row.outcome),
        is_second_look=is_second_look,
        weight=_weight(row),
        count=count,
    )


def _weight(row: Any) -> float | None:
    """People see all that the policy sends to them, and of the rest those that are drawn at random."""
    if row.checked is not None:
        return 1 / float(row.probability)
    return 1.0 if row.policy_action == Action.FLAG and row.outcome is not None else None
