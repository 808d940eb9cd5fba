"""Policies in the shadow, and their verdicts beside what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.errors import NotFound
from moderation.model import Action, Candidate, CommentStatus, DecidedBy
from moderation.policy import documents
from moderation.schema import comments, decisions, shadow_verdicts, shadows
from moderation.store.database import new_id

HUMAN = (DecidedBy.MODERATOR, DecidedBy.API)
DECIDED = (CommentStatus.PUBLISHED, CommentStatus.REJECTED)


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


@dataclass(frozen=True, slots=True)
class ShadowVerdict:
    """One candidate's verdict on a version of a comment, beside the policy's."""

    shadow_id: str
    comment_id: str
    version: int
    action: Action
    policy_action: Action
    reason: str | None
    section: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Beside:
    """A verdict of the shadow with what people decided since, if they did."""

    comment_id: str
    action: Action
    policy_action: Action
    reason: str | None
    section: str | None
    language: str | None
    outcome: CommentStatus | None  # published or rejected by a person
    is_second_look: bool  # the person looked because the shadow differed


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


def keep_figures(conn: Connection, shadow_id: str, figures: Mapping[str, Any], *, now: datetime) -> None:
    conn.execute(shadows.update().where(shadows.c.id == shadow_id).values(figures=dict(figures), counted_at=now))


_parsed: dict[str, dict[str, Candidate]] = {}
"""The running ones by site and id. Documents never change, so each is parsed once in a process."""


def candidates(conn: Connection, site_id: str) -> tuple[Candidate, ...]:
    """The policies that run in the shadow at the site, oldest first."""
    running = sa.and_(shadows.c.site_id == site_id, shadows.c.stopped_at.is_(None))
    ids = conn.execute(sa.select(shadows.c.id).where(running).order_by(shadows.c.id)).scalars().all()
    known = _parsed.get(site_id, {})
    _parsed[site_id] = {id: known.get(id) or _candidate(conn, id) for id in ids}
    return tuple(_parsed[site_id].values())


def _candidate(conn: Connection, shadow_id: str) -> Candidate:
    document = conn.execute(sa.select(shadows.c.document).where(shadows.c.id == shadow_id)).scalar_one()
    return Candidate(shadow_id, documents.parse(document, 0))


def record(conn: Connection, verdicts: Sequence[ShadowVerdict]) -> None:
    """Each replaces the shadow's earlier verdict on the comment."""
    if not verdicts:
        return
    v = shadow_verdicts.c
    same = sa.tuple_(v.shadow_id, v.comment_id).in_([(one.shadow_id, one.comment_id) for one in verdicts])
    conn.execute(shadow_verdicts.delete().where(same))
    conn.execute(shadow_verdicts.insert(), [asdict(one) for one in verdicts])


def beside_people(conn: Connection, shadow_id: str, *, most: int) -> list[Beside]:
    """The newest comments that it had a verdict on, the newest first."""
    newest = _newest(shadow_id, most)
    query = sa.select(newest, _outcome(newest)).join(comments, comments.c.id == newest.c.comment_id)
    return [_beside(row) for row in conn.execute(query.order_by(newest.c.comment_id.desc()))]


def next_difference(conn: Connection, shadow_id: str, *, before: str | None, most: int) -> Beside | None:
    """The newest comment below ``before`` that nobody gave a second look, and where the shadow differs from people, or
    from the policy where people did not decide. It looks at ``most`` comments at most."""
    newest = _newest(shadow_id, most, before=before, unjudged=True)
    people = _outcome(newest)
    held = newest.c.action != Action.PUBLISH
    against_people = sa.or_(
        sa.and_(people == CommentStatus.PUBLISHED, held), sa.and_(people == CommentStatus.REJECTED, ~held)
    )
    against_policy = sa.and_(people.is_(None), newest.c.action != newest.c.policy_action)
    query = (
        sa.select(newest, people)
        .join(comments, comments.c.id == newest.c.comment_id)
        .where(comments.c.status != CommentStatus.WITHDRAWN, sa.or_(against_policy, against_people))
    )
    row = conn.execute(query.order_by(newest.c.comment_id.desc()).limit(1)).one_or_none()
    return None if row is None else _beside(row)


def on_comment(conn: Connection, shadow_id: str, comment_id: str) -> Beside:
    """Raises NotFound if the shadow had no verdict on the comment."""
    v = shadow_verdicts.c
    mine = sa.select(shadow_verdicts).where(v.shadow_id == shadow_id, v.comment_id == comment_id).subquery("newest")
    query = sa.select(mine, _outcome(mine)).join(comments, comments.c.id == mine.c.comment_id)
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound("comment", comment_id)
    return _beside(row)


def judge(conn: Connection, comment_id: str, outcome: CommentStatus) -> None:
    """Keeps a person's second look beside every verdict on the comment."""
    mine = shadow_verdicts.c.comment_id == comment_id
    conn.execute(shadow_verdicts.update().where(mine).values(judged=outcome))


def _newest(shadow_id: str, most: int, *, before: str | None = None, unjudged: bool = False) -> sa.Subquery:
    v = shadow_verdicts.c
    query = sa.select(shadow_verdicts).where(v.shadow_id == shadow_id)
    if before is not None:
        query = query.where(v.comment_id < before)
    newest = query.order_by(v.comment_id.desc()).limit(most).subquery("newest")
    if not unjudged:
        return newest
    return sa.select(newest).where(newest.c.judged.is_(None)).subquery("unjudged")


def _outcome(newest: sa.Subquery) -> sa.ColumnElement[Any]:
    """A person's second look, or else the status if a person decided last; null otherwise."""
    last_by = (
        sa.select(decisions.c.decided_by)
        .where(decisions.c.comment_id == newest.c.comment_id)
        .order_by(decisions.c.version.desc())
        .limit(1)
        .correlate(newest)
        .scalar_subquery()
    )
    by_person = sa.and_(comments.c.status.in_(DECIDED), last_by.in_(HUMAN))
    return sa.case((newest.c.judged.is_not(None), newest.c.judged), (by_person, comments.c.status)).label("outcome")


def _beside(row: Any) -> Beside:
    return Beside(
        comment_id=row.comment_id,
        action=Action(row.action),
        policy_action=Action(row.policy_action),
        reason=row.reason,
        section=row.section,
        language=row.language,
        outcome=None if row.outcome is None else CommentStatus(row.outcome),
        is_second_look=row.judged is not None,
    )
