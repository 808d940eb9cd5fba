"""A site's comments that people decided and whose chance of being decided is known, with all that the policy reads.

These are the comments that the policy sent to a person, and those of the others that were drawn at random for a check.
A comment that readers reported is none of them: nobody knows how likely that was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at
from moderation.ground.values import json_form
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.policies import SiteLanguages
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Circumstances
from moderation.insight.checks.tables import checks
from moderation.insight.learning.rows import KEYS
from moderation.sites import rows as sites
from moderation.spine.articles.rows import author_from
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.standing_rows import in_force
from moderation.spine.comments.tables import BY_PEOPLE, comments, decisions, scorings

DECIDED = (CommentStatus.PUBLISHED, CommentStatus.REJECTED)


@dataclass(frozen=True, slots=True)
class JudgedComment:
    id: str
    text: str
    signals: tuple[Signal, ...]  # as they were before the person decided: a model has not learnt from it yet
    circumstances: Circumstances
    verdict: CommentStatus  # the policy's: the group that the comment speaks for
    weight: float  # how many comments of that group it speaks for, up to a factor that is the same for all of them
    is_rejected: bool  # by the person
    by: str | None = None  # that person, or all of the site's keys together


def sent_to_people(conn: Connection, site_id: str, *, since: datetime, most: int, now: datetime) -> list[JudgedComment]:
    """The newest comments that the policy flagged at once and that a person decided, as it still holds."""
    d, c, other = decisions.c, comments.c, decisions.alias("other")
    flagged = sa.exists().where(
        other.c.comment_id == d.comment_id,
        other.c.version < d.version,
        other.c.decided_by == DecidedBy.POLICY,
        other.c.status_before == CommentStatus.WAITING,
        other.c.status_after == CommentStatus.FLAGGED,
    )
    newest = (
        sa.select(
            d.comment_id, d.created_at.label("decided_at"), d.status_after.label("outcome"), d.moderator_id.label("by")
        )
        .join(comments, c.id == d.comment_id)
        .where(
            d.site_id == site_id,
            sa.text(f"decisions.{BY_PEOPLE}"),
            d.id >= first_id_at(since),
            d.status_after.in_(DECIDED),
            c.status == d.status_after,
            c.text != "",
            in_force(decisions),
            flagged,
        )
        .order_by(d.id.desc())
        .limit(most)
        .subquery("judged")
    )
    verdict, weight = sa.literal(CommentStatus.FLAGGED.value), sa.literal(1.0)
    return _read(conn, site_id, newest, verdict, weight, now)


def drawn_at_random(
    conn: Connection, site_id: str, *, since: datetime, most: int, now: datetime
) -> list[JudgedComment]:
    """The newest comments that the policy published or rejected and that a person checked."""
    k = checks.c
    newest = (
        sa.select(k.comment_id, k.decided_at, k.outcome, k.verdict, k.probability, k.decided_by.label("by"))
        .where(
            k.site_id == site_id,
            k.drawn_at >= since,
            k.outcome.in_(DECIDED),
            k.verdict.in_(DECIDED),
        )
        .order_by(k.drawn_at.desc())
        .limit(most)
        .subquery("judged")
    )
    return _read(conn, site_id, newest, newest.c.verdict, 1.0 / newest.c.probability, now)


def _read(
    conn: Connection,
    site_id: str,
    judged: sa.Subquery,
    verdict: sa.ColumnElement[Any],
    weight: sa.ColumnElement[Any],
    now: datetime,
) -> list[JudgedComment]:
    scoring = scorings.alias("each")
    scored_before = (
        sa.select(scoring.c.id)
        .where(scoring.c.comment_id == judged.c.comment_id, scoring.c.created_at <= judged.c.decided_at)
        .order_by(scoring.c.id.desc())
        .limit(1)
        .correlate(judged)
        .scalar_subquery()
    )
    query = (
        sa.select(
            judged.c.comment_id,
            judged.c.outcome,
            judged.c.by,
            verdict.label("verdict"),
            weight.label("weight"),
            comments.c.text,
            scorings.c.signals,
            articles.c.external_id.label("article_external_id"),
            articles.c.section,
            articles.c.state,
            *authors.c,
        )
        .select_from(judged)
        .join(scorings, scorings.c.id == scored_before)
        .join(comments, comments.c.id == judged.c.comment_id)
        .join(articles, articles.c.id == comments.c.article_id)
        .join(authors, authors.c.id == comments.c.author_id)
        .order_by(judged.c.comment_id.desc())
    )
    languages = sites.get_site(conn, site_id).settings.languages
    return [_judged(row, languages, now) for row in conn.execute(query)]


def _judged(row: Any, languages: SiteLanguages, now: datetime) -> JudgedComment:
    author = author_from(row)
    return JudgedComment(
        id=row.comment_id,
        text=row.text,
        signals=tuple(json_form.signal_from_json(form) for form in row.signals),
        circumstances=Circumstances(
            article_id=row.article_external_id,
            section=row.section,
            article_state=ArticleState(row.state),
            author_on_hold=author.is_on_hold(now),
            author_trusted=author.is_trusted(now),
            languages=languages,
        ),
        verdict=CommentStatus(row.verdict),
        weight=float(row.weight),
        is_rejected=row.outcome == CommentStatus.REJECTED,
        by=row.by or KEYS,
    )
