"""Past decisions across comments: the newest of a person, and batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.engine import first_id_at
from moderation.ground.values.decisions import Decision, decision_from
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.moderators.finding.audited_decision_rows import IS_REDONE
from moderation.sites.tables import moderators
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments, decisions

_WITH_NAME = sa.select(decisions, moderators.c.name.label("moderator_name")).outerjoin(
    moderators, moderators.c.id == decisions.c.moderator_id
)
_IS_NEWEST = comments.c.version == decisions.c.version + 1  # nothing followed it
_IS_OWN = decisions.c.undoes.is_(None)  # the batch's own decision, and neither an undo nor a redo


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a batch, as far as its reader may see it."""

    total: int
    in_force: int  # comments that nothing has changed since the batch
    undone: int  # comments that are as before since the batch was undone, and that nothing has changed since
    outcome: CommentStatus  # of all its decisions


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision with its comment."""

    decision: Decision
    text: str
    author_name: str | None
    article_title: str | None
    stands: bool  # nothing followed it
    is_redone: bool = False  # it undoes an undo


def last_standing(conn: Connection, moderator_id: str, *, since: datetime) -> Decision | None:
    """The moderator's newest decision that is not an undo and that nothing followed."""
    named = {"moderator_id": moderator_id, "since": since, "first_id": first_id_at(since)}
    row = conn.execute(_LAST_STANDING, named).one_or_none()
    return decision_from(row) if row else None


# Made once: every page of the queue runs it
_LAST_STANDING = (
    _WITH_NAME.join(comments, comments.c.id == decisions.c.comment_id)
    .where(
        decisions.c.moderator_id == sa.bindparam("moderator_id"),
        decisions.c.undoes.is_(None),
        decisions.c.id >= sa.bindparam("first_id"),  # bounds the index that gives the order
        decisions.c.created_at >= sa.bindparam("since"),
        _IS_NEWEST,
    )
    .order_by(decisions.c.id.desc())
    .limit(1)
)


def tallies(conn: Connection, batch_ids: Sequence[str], *, reads: Sequence[str]) -> dict[str, Tally]:
    """For each batch, by its id, counts of its decisions at the sites that the reader ``reads``."""
    if not batch_ids:
        return {}
    query = (
        sa.select(
            decisions.c.batch_id,
            decisions.c.status_after,
            sa.func.count().filter(_IS_OWN).label("own"),
            sa.func.count().filter(_IS_NEWEST).label("newest"),
        )
        .join(comments, comments.c.id == decisions.c.comment_id)
        .where(decisions.c.batch_id.in_(batch_ids), decisions.c.site_id.in_(reads))
        .group_by(decisions.c.batch_id, decisions.c.status_after)
    )
    by_batch: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in conn.execute(query):
        by_batch[row.batch_id].append(row)
    return {batch_id: _tally(rows) for batch_id, rows in by_batch.items()}


def _tally(rows: Sequence[Row[Any]]) -> Tally:
    """Of the rows of one batch, one for each status that its decisions led to."""
    own = max(rows, key=lambda row: row.own)
    undone = sum(row.newest for row in rows if row is not own)
    return Tally(own.own, own.newest, undone, CommentStatus(own.status_after))


def newest_by_person(conn: Connection, batch_id: str) -> Decision | None:
    """The newest of the batch's own decisions."""
    query = _WITH_NAME.where(decisions.c.batch_id == batch_id, _IS_OWN, decisions.c.decided_by != DecidedBy.POLICY)
    row = conn.execute(query.order_by(decisions.c.id.desc()).limit(1)).one_or_none()
    return decision_from(row) if row else None


def batch(conn: Connection, batch_id: str, *, limit: int) -> list[Entry]:
    """The batch's own decisions, newest first: a person's, and the policy's on copies that came later."""
    query = entries().where(decisions.c.batch_id == batch_id, decisions.c.undoes.is_(None))
    return [entry_from(row) for row in conn.execute(query.order_by(decisions.c.id.desc()).limit(limit))]


def newest_of_batch(
    conn: Connection, batch_id: str, outcome: CommentStatus, *, is_undone: bool, limit: int
) -> list[Decision]:
    """The batch's decisions that nothing followed, newest first: those in force, decided again too, or those that undid
    it. An undo leads to another status than the batch."""
    led = decisions.c.status_after != outcome if is_undone else decisions.c.status_after == outcome
    query = _WITH_NAME.join(comments, comments.c.id == decisions.c.comment_id)
    query = query.where(decisions.c.batch_id == batch_id, _IS_NEWEST, led).order_by(decisions.c.id.desc()).limit(limit)
    return [decision_from(row) for row in conn.execute(query)]


def entries() -> sa.Select[Any]:
    """Decisions with what ``entry_from`` reads of each."""
    return (
        sa.select(
            decisions,
            moderators.c.name.label("moderator_name"),
            comments.c.text.label("comment_text"),
            comments.c.version.label("comment_version"),
            authors.c.name.label("author_name"),
            articles.c.title.label("article_title"),
            IS_REDONE.label("is_redone"),
        )
        .join(comments, comments.c.id == decisions.c.comment_id)
        .join(authors, authors.c.id == comments.c.author_id)
        .join(articles, articles.c.id == comments.c.article_id)
        .outerjoin(moderators, moderators.c.id == decisions.c.moderator_id)
    )


def entry_from(row: sa.Row[Any]) -> Entry:
    return Entry(
        decision_from(row),
        row.comment_text,
        row.author_name,
        row.article_title,
        stands=row.comment_version == row.version + 1,
        is_redone=row.is_redone,
    )
