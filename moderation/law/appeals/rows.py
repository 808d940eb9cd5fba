"""Appeals: one of each decision, open ones, and what came of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.inserting import insert_into
from moderation.ground.errors import NotFound
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import MACHINES
from moderation.law.appeals.tables import IS_OPEN, appeals
from moderation.law.appeals.values import (
    Appeal,
    Appealed,
    AppealOutcome,
    AppealReason,
    AppealSource,
    CommentAppeal,
    MeasureAppeal,
)
from moderation.sites.audit.tables import audit
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments, decisions
from moderation.spine.events.tables import events

_OPEN = sa.text(f"appeals.{IS_OPEN}")


def insert_appeal(conn: Connection, appeal: Appeal) -> bool:
    """False when there is one against the same decision or measure already."""
    values = {
        "id": appeal.id,
        "site_id": appeal.site_id,
        "author_id": appeal.author_id,
        "maker_id": appeal.maker_id,
        "text": appeal.text,
        "source": appeal.source,
        "language": appeal.language,
        "created_at": appeal.created_at,
        **_subject(appeal),
    }
    inserted = insert_into(conn, appeals).values(**values).on_conflict_do_nothing().returning(appeals.c.id)
    return conn.execute(inserted).first() is not None


def _subject(appeal: Appeal) -> dict[str, str]:
    if isinstance(appeal, CommentAppeal):
        return {"comment_id": appeal.comment_id, "decision_id": appeal.decision_id}
    assert isinstance(appeal, MeasureAppeal)
    return {"measure_id": appeal.measure_id}


def close(
    conn: Connection,
    appeal_id: str,
    outcome: AppealOutcome,
    *,
    now: datetime,
    reason: AppealReason | None = None,
    answer: str | None = None,
    moderator_id: str | None = None,
    by_same_person: bool = False,
) -> bool:
    """False if it was decided already."""
    was_open = sa.and_(appeals.c.id == appeal_id, appeals.c.decided_at.is_(None))
    values = {
        "outcome": outcome,
        "decided_at": now,
        "reason": reason,
        "answer": answer,
        "moderator_id": moderator_id,
        "by_same_person": by_same_person,
    }
    return conn.execute(appeals.update().where(was_open).values(**values)).rowcount == 1


def find(conn: Connection, appeal_id: str) -> Appeal | None:
    row = conn.execute(sa.select(appeals).where(appeals.c.id == appeal_id)).one_or_none()
    return _appeal(row) if row else None


def of_decision(conn: Connection, decision_id: str) -> CommentAppeal | None:
    """The only one there can be."""
    row = conn.execute(sa.select(appeals).where(appeals.c.decision_id == decision_id)).one_or_none()
    return _of_comment(row) if row else None


def of_measure(conn: Connection, measure_id: str) -> MeasureAppeal | None:
    """The only one there can be."""
    row = conn.execute(sa.select(appeals).where(appeals.c.measure_id == measure_id)).one_or_none()
    return _of_measure(row) if row else None


def about(conn: Connection, comment_ids: Sequence[str]) -> dict[str, list[CommentAppeal]]:
    """By comment, oldest first."""
    by_comment: dict[str, list[CommentAppeal]] = defaultdict(list)
    query = sa.select(appeals).where(appeals.c.comment_id.in_(comment_ids)).order_by(appeals.c.id)
    for row in conn.execute(query) if comment_ids else ():
        by_comment[row.comment_id].append(_of_comment(row))
    return by_comment


def open_on(conn: Connection, comment_ids: Sequence[str]) -> list[CommentAppeal]:
    """Open ones, at most one of each comment."""
    if not comment_ids:
        return []
    return [_of_comment(row) for row in conn.execute(_OPEN_ON, {"comment_ids": list(comment_ids)})]


_OPEN_ON = sa.select(appeals).where(
    appeals.c.comment_id.in_(sa.bindparam("comment_ids", expanding=True)), appeals.c.decided_at.is_(None)
)  # made once: every decision at the desk runs it


def appealed(conn: Connection, decision_id: str) -> Appealed:
    """Raises NotFound."""
    query = (
        sa.select(
            comments.c.id,
            comments.c.author_id,
            comments.c.external_id,
            comments.c.version,
            articles.c.external_id.label("article_external_id"),
            authors.c.external_id.label("author_external_id"),
        )
        .select_from(decisions)
        .join(comments, comments.c.id == decisions.c.comment_id)
        .join(articles, articles.c.id == comments.c.article_id)
        .join(authors, authors.c.id == comments.c.author_id)
        .where(decisions.c.id == decision_id)
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound("decision", decision_id)
    return Appealed(
        comment_id=row.id,
        author_id=row.author_id,
        comment_external_id=row.external_id,
        article_external_id=row.article_external_id,
        author_external_id=row.author_external_id,
        version=row.version,
    )


def maker_of(conn: Connection, comment_id: str, version: int) -> str | None:
    """The moderator who decided the comment last, at this version or a later one."""
    query = (
        sa.select(decisions.c.moderator_id)
        .where(
            decisions.c.comment_id == comment_id,
            decisions.c.version >= version,
            decisions.c.moderator_id.is_not(None),
        )
        .order_by(decisions.c.version.desc())
        .limit(1)
    )
    return conn.execute(query).scalar_one_or_none()


def count_open_of_author(conn: Connection, author_id: str) -> int:
    query = sa.select(sa.func.count()).where(appeals.c.author_id == author_id, appeals.c.decided_at.is_(None))
    return int(conn.execute(query).scalar_one())


def count_open(conn: Connection, site_id: str) -> int:
    query = sa.select(sa.func.count()).where(appeals.c.site_id == site_id, _OPEN)
    return int(conn.execute(query).scalar_one())


def makers_of(conn: Connection, decision_id: str) -> frozenset[str]:
    """The people who ever decided the comment as this decision does: who made it, confirmed it or redid it, or had
    decided so before."""
    query = sa.select(_LIKE.c.moderator_id).select_from(_STEP).join(_LIKE, _IS_LIKE).where(_STEP.c.id == decision_id)
    return frozenset(conn.execute(query).scalars())


def makers_of_open(conn: Connection, site_ids: Sequence[str]) -> dict[tuple[str, str], frozenset[str]]:
    """Of all open appeals, by site and appeal, those of ``makers_of`` and the one that the appeal names."""
    query = (
        sa.select(appeals.c.site_id, appeals.c.id, appeals.c.maker_id, _LIKE.c.moderator_id)
        .outerjoin(_STEP, _STEP.c.id == appeals.c.decision_id)
        .outerjoin(_LIKE, _IS_LIKE)
        .where(appeals.c.site_id.in_(site_ids), _OPEN)
    )
    makers: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for site_id, id, *people in conn.execute(query):
        makers[site_id, id].update(people)
    return {key: frozenset(filter(None, people)) for key, people in makers.items()}


_STEP, _LIKE = decisions.alias("appealed"), decisions.alias("alike")
_IS_LIKE = sa.and_(
    _LIKE.c.comment_id == _STEP.c.comment_id,
    _LIKE.c.status_after == _STEP.c.status_after,
    _LIKE.c.moderator_id.is_not(None),
)


def treated_by(conn: Connection, step: Decision) -> str | None:
    """The person whose decision about a campaign's copies software applied in this step: they decided others in the
    same batch, or are in the audit trail as the last to treat the campaign. None of the site's own."""
    in_batch = sa.select(decisions.c.moderator_id).where(
        decisions.c.batch_id == step.batch_id, decisions.c.moderator_id.is_not(None)
    )
    by_hand: str | None = conn.execute(in_batch.limit(1)).scalar_one_or_none()
    if by_hand is not None:
        return by_hand
    copied = sa.select(comments.c.campaign_id).where(comments.c.id == step.comment_id)
    campaign_id = conn.execute(copied).scalar_one()
    treated = (
        sa.select(audit.c.moderator_id)
        .where(audit.c.site_id == step.site_id, audit.c.action == "campaign.treated", audit.c.id < step.id)
        .where(audit.c.subject.endswith(f"({campaign_id})"))
        .order_by(audit.c.id.desc())
        .limit(1)
    )
    return conn.execute(treated).scalar_one_or_none()


def with_ids(conn: Connection, ids: Sequence[str]) -> list[Appeal]:
    """The appeals with these ids, in their order."""
    query = sa.select(appeals).where(appeals.c.id.in_(ids)).order_by(appeals.c.id)
    return [_appeal(row) for row in conn.execute(query)] if ids else []


def of_author(conn: Connection, author_id: str, *, after: str | None, limit: int) -> list[tuple[str | None, Appeal]]:
    """The author's own, oldest first, each with the site's own id of the comment; None of one against a measure."""
    query = (
        sa.select(appeals, comments.c.external_id)
        .outerjoin(comments, comments.c.id == appeals.c.comment_id)
        .where(appeals.c.author_id == author_id)
        .order_by(appeals.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(appeals.c.id > after)
    return [(row.external_id, _appeal(row)) for row in conn.execute(query)]


def forget_words(conn: Connection, comment_ids: Sequence[str]) -> None:
    """The authors' and the moderators' words in appeals about the comments, and in their events. That there were
    appeals stays."""
    conn.execute(appeals.update().where(appeals.c.comment_id.in_(comment_ids)).values(text="", answer=None))
    told = sa.and_(events.c.comment_id.in_(comment_ids), events.c.type.like("appeal.%"))
    for row in conn.execute(sa.select(events.c.id, events.c.payload).where(told)).all():
        payload = {**row.payload, "message": None}
        conn.execute(events.update().where(events.c.id == row.id).values(payload=payload))


def is_automatic(decided_by: str) -> bool:
    """Whether software made the decision."""
    return decided_by in MACHINES


def _appeal(row: Row[Any]) -> Appeal:
    return _of_comment(row) if row.measure_id is None else _of_measure(row)


def _of_comment(row: Row[Any]) -> CommentAppeal:
    return CommentAppeal(comment_id=row.comment_id, decision_id=row.decision_id, **_common(row))


def _of_measure(row: Row[Any]) -> MeasureAppeal:
    return MeasureAppeal(measure_id=row.measure_id, **_common(row))


def _common(row: Row[Any]) -> dict[str, Any]:
    parsed = {
        "source": AppealSource(row.source),
        "outcome": AppealOutcome(row.outcome) if row.outcome else None,
        "reason": AppealReason(row.reason) if row.reason else None,
    }
    return {**{name: getattr(row, name) for name in _SAME}, **parsed}


_SAME = [column.name for column in appeals.c if column.name not in ("comment_id", "decision_id", "measure_id")]
