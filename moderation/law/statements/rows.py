"""Decisions against authors, with what their statements need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.errors import NotFound
from moderation.ground.values.decisions import Decision, decision_from
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.law.statements import facts
from moderation.law.statements.facts import DecidedAgainst
from moderation.sites.settings import json_column
from moderation.sites.settings.values import SiteSettings
from moderation.sites.tables import sites
from moderation.spine.articles.tables import articles
from moderation.spine.comments.tables import comments, decisions, notices, reports, scorings
from moderation.spine.events.tables import events

_REJECTED, _PUBLISHED, _FLAGGED = CommentStatus.REJECTED, CommentStatus.PUBLISHED, CommentStatus.FLAGGED
_AGAINST = sa.and_(
    decisions.c.decided_by != DecidedBy.IMPORT,
    sa.or_(
        sa.and_(decisions.c.status_after == _REJECTED, decisions.c.status_before != _REJECTED),
        sa.and_(
            decisions.c.status_before == _PUBLISHED,
            decisions.c.status_after == _FLAGGED,
            decisions.c.undoes.is_(None),
        ),
    ),
)
"""As ``facts.is_against`` has it."""
_DETECTED = (
    sa.select(scorings.c.language)
    .where(scorings.c.comment_id == comments.c.id)
    .order_by(scorings.c.id.desc())
    .limit(1)
    .correlate(comments)
    .scalar_subquery()
)
_LANGUAGE = sa.func.coalesce(comments.c.language, _DETECTED)
_REPORTS = (
    sa.select(sa.func.count())
    .select_from(reports)
    .where(reports.c.comment_id == decisions.c.comment_id, reports.c.created_at <= decisions.c.created_at)
    .correlate(decisions)
    .scalar_subquery()
)
_NOTICED = sa.and_(
    notices.c.comment_id == decisions.c.comment_id,
    notices.c.received_at <= decisions.c.created_at,
    sa.or_(notices.c.decided_at.is_(None), notices.c.decided_at >= decisions.c.created_at),
)
"""Open at the decision, or answered by it: a notice that was dismissed before led to nothing."""
_NOTICES = sa.select(sa.func.count()).select_from(notices).where(_NOTICED).correlate(decisions).scalar_subquery()
_TRUSTED = (
    sa.select(sa.func.count(notices.c.flagger)).select_from(notices).where(_NOTICED).correlate(decisions)
).scalar_subquery()
_ALLEGED = (
    sa.select(notices.c.category)
    .where(_NOTICED)
    .order_by(notices.c.received_at.desc(), notices.c.id.desc())
    .limit(1)
    .correlate(decisions)
    .scalar_subquery()
)
_STATED: sa.Select[Any] = (
    sa.select(
        decisions.c.id,
        decisions.c.site_id,
        decisions.c.comment_id,
        comments.c.external_id,
        comments.c.posted_at,
        comments.c.received_at,
        _LANGUAGE.label("language"),
        articles.c.title,
        _REPORTS.label("reports"),
        _NOTICES.label("notices"),
        _TRUSTED.label("trusted_notices"),
        _ALLEGED.label("alleged"),
        comments.c.version,
        events.c.payload,
    )
    .select_from(decisions)
    .join(comments, comments.c.id == decisions.c.comment_id)
    .join(articles, articles.c.id == comments.c.article_id)
    .outerjoin(events, events.c.decision_id == decisions.c.id)
    .where(_AGAINST)
)
_SITE_OF = sa.select(decisions.c.site_id).where(decisions.c.id == sa.bindparam("decision_id"))
_TERMS_OF = sa.select(sites.c.settings, sites.c.address_secret).where(sites.c.id == sa.bindparam("site_id"))
_SECRET_OF = sa.select(sites.c.address_secret).where(sites.c.id == sa.bindparam("site_id"))


def get_decided(conn: Connection, site_id: str, decision_id: str) -> DecidedAgainst:
    """Raises NotFound for a decision of another site, and for one that is against nobody."""
    mine = sa.and_(decisions.c.id == decision_id, decisions.c.site_id == site_id)
    decided = _with_steps(conn, conn.execute(_STATED.where(mine)).all())
    if not decided:
        raise NotFound("decision against an author", decision_id)
    return decided[0]


def against(conn: Connection, comment_ids: Sequence[str]) -> list[DecidedAgainst]:
    """All decisions against the authors of these comments, the newest last, also those that no longer hold."""
    on_these = decisions.c.comment_id.in_(comment_ids)
    return _with_steps(conn, conn.execute(_STATED.where(on_these).order_by(decisions.c.id)).all())


def decided_between(conn: Connection, site_id: str, *, after: str, before: str, limit: int) -> list[DecidedAgainst]:
    """The site's decisions against authors with ids between both, in the order of their ids. Ids sort by time."""
    mine = sa.and_(decisions.c.site_id == site_id, decisions.c.id > after, decisions.c.id < before)
    return _with_steps(conn, conn.execute(_STATED.where(mine).order_by(decisions.c.id).limit(limit)).all())


def site_of(conn: Connection, decision_id: str) -> str | None:
    return conn.execute(_SITE_OF, {"decision_id": decision_id}).scalar_one_or_none()


def terms_of(conn: Connection, site_id: str) -> tuple[SiteSettings, str | None]:
    """The site's settings and ``secret_of`` it, in one statement: each rejection reads them."""
    row = conn.execute(_TERMS_OF, {"site_id": site_id}).one()
    return json_column.parse(row.settings), row.address_secret


def secret_of(conn: Connection, site_id: str) -> str | None:
    """The secret that signs the site's links; None before the first one was signed."""
    secret: str | None = conn.execute(_SECRET_OF, {"site_id": site_id}).scalar_one()
    return secret


def keep_secret(conn: Connection, site_id: str, secret: str) -> None:
    """Keeps a secret only where the site has none yet."""
    lacks = sa.and_(sites.c.id == site_id, sites.c.address_secret.is_(None))
    conn.execute(sites.update().where(lacks).values(address_secret=secret))


def _with_steps(conn: Connection, rows: Sequence[Row[Any]]) -> list[DecidedAgainst]:
    comment_ids = sorted({row.comment_id for row in rows})
    history, unheard = _history(conn, comment_ids), _unheard(conn, comment_ids)
    return [_decided(row, history[row.comment_id], unheard) for row in rows]


def _history(conn: Connection, comment_ids: Sequence[str]) -> Mapping[str, list[Decision]]:
    """All decisions on the comments, in the order of their versions."""
    histories: dict[str, list[Decision]] = defaultdict(list)
    query = sa.select(decisions).where(decisions.c.comment_id.in_(comment_ids)).order_by(decisions.c.version)
    for row in conn.execute(query) if comment_ids else ():
        histories[row.comment_id].append(decision_from(row))
    return histories


def _unheard(conn: Connection, comment_ids: Sequence[str]) -> frozenset[str]:
    """The decisions on the comments whose events were cancelled."""
    cancelled = sa.and_(events.c.comment_id.in_(comment_ids), events.c.cancelled_at.is_not(None))
    query = sa.select(events.c.decision_id).where(cancelled, events.c.decision_id.is_not(None))
    return frozenset(conn.execute(query).scalars()) if comment_ids else frozenset()


def _decided(row: Row[Any], history: Sequence[Decision], unheard: frozenset[str]) -> DecidedAgainst:
    step = next(decision for decision in history if decision.id == row.id)
    before, after = facts.on_same_text(history, step)
    payload = row.payload or {}
    return DecidedAgainst(
        step=step,
        before=before,
        after=after,
        unheard=unheard,
        site_id=row.site_id,
        comment_id=row.external_id,
        article_title=row.title,
        posted_at=row.posted_at,
        received_at=row.received_at,
        language=row.language,
        reports=row.reports,
        notices=row.notices,
        trusted_notices=row.trusted_notices,
        alleged=row.alleged,
        announced=(payload.get("decision") or {}).get("statement"),
        version=row.version,
    )
