"""A person upholds or overturns the decision that an appeal is against. Overturning publishes the comment through the
``door``. The author hears at once; nothing here can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput, NotAllowed, NotFound, said
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.law.appeals import deciders, events
from moderation.law.appeals import rows as store
from moderation.law.appeals.errors import AppealDecided
from moderation.law.appeals.making import ODD, plain
from moderation.law.appeals.values import (
    MAX_ANSWER_CHARS,
    OUTCOME_OF,
    Appeal,
    Appealed,
    AppealOutcome,
    AppealReason,
    CommentAppeal,
)
from moderation.sites.audit import actors
from moderation.sites.audit import writing as audit_writing
from moderation.sites.rows import Moderator
from moderation.spine.comments import rows as comments
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Move
from moderation.spine.events import rows as outbox

Judged = Callable[[Connection, CommentAppeal, datetime], None]
"""Counts the outcome as a person's judgement of the software, in its transaction: ``checks.appealed.count``."""


def find(conn: Connection, moderator: Moderator, appeal_id: str) -> Appeal:
    """Raises NotFound for one of another site, and NotAllowed for one that this person may not decide."""
    appeal = store.find(conn, appeal_id)
    if appeal is None or appeal.site_id not in moderator.roles:
        raise NotFound("appeal", appeal_id)
    if moderator.id not in deciders.of_appeal(conn, appeal)[0]:
        raise NotAllowed(said("somebody else decides this appeal: you or a lead made the decision"))
    return appeal


def decide(
    db: Database,
    moderator: Moderator,
    appeal_id: str,
    reason: AppealReason,
    *,
    judged: Judged,
    answer: str = "",
    now: datetime,
) -> CommentAppeal:
    """Raises NotFound, NotAllowed, AppealDecided, InvalidInput for the answer, and StaleVersion if the comment changed
    in the same moment."""
    words = checked(answer)
    with db.write() as conn:
        open_one = find(conn, moderator, appeal_id)
        if not isinstance(open_one, CommentAppeal):
            raise NotFound("appeal", appeal_id)
        about = store.appealed(conn, open_one.decision_id)
        appeal = close(conn, open_one, moderator, reason, words, now)
        if appeal.outcome is AppealOutcome.OVERTURNED:
            _publish(conn, appeal, moderator, now)
        judged(conn, appeal, now)
        events.announce_decided(conn, appeal, due_at=now)
        _note(conn, appeal, about, moderator, now)
    instruments().appeals.labels(appeal.outcome).inc()
    return appeal


Kind = TypeVar("Kind", bound=Appeal)


def close(
    conn: Connection, open_one: Kind, moderator: Moderator, reason: AppealReason, words: str | None, now: datetime
) -> Kind:
    """The appeal as this person decides it. Raises AppealDecided."""
    appeal = replace(
        open_one,
        outcome=OUTCOME_OF[reason],
        reason=reason,
        answer=words,
        decided_at=now,
        moderator_id=moderator.id,
        by_same_person=moderator.id in deciders.of_appeal(conn, open_one)[1],
    )
    is_closed = store.close(
        conn,
        appeal.id,
        OUTCOME_OF[reason],
        now=now,
        reason=appeal.reason,
        answer=appeal.answer,
        moderator_id=appeal.moderator_id,
        by_same_person=appeal.by_same_person,
    )
    if not is_closed:
        raise AppealDecided(appeal.id)
    return appeal


def _publish(conn: Connection, appeal: CommentAppeal, moderator: Moderator, now: datetime) -> None:
    comment = comments.get_by_id(conn, appeal.comment_id)
    outbox.hasten(conn, comment.id, now=now)  # the site hears of the decision before it hears that it was overturned
    move = Move(
        comment=comment,
        to=CommentStatus.PUBLISHED,
        due_at=now,
        decided_by=DecidedBy.MODERATOR,
        moderator_id=moderator.id,
    )
    record(conn, move, now=now)


def _note(conn: Connection, appeal: CommentAppeal, about: Appealed, moderator: Moderator, now: datetime) -> None:
    note(conn, appeal, moderator, about.comment_external_id, {"decision": appeal.decision_id}, now)


def note(
    conn: Connection, appeal: Appeal, moderator: Moderator, subject: str, about: Mapping[str, str], now: datetime
) -> None:
    """In the audit trail. ``subject`` is the site's own id of the comment or the author, ``about`` our id of what the
    appeal is against."""
    audit_writing.note(
        conn,
        actors.person(moderator),
        "appeal.upheld" if appeal.outcome is AppealOutcome.UPHELD else "appeal.overturned",
        site_id=appeal.site_id,
        subject=subject,
        after={"appeal": appeal.id, **about, "reason": appeal.reason},
        now=now,
    )


def checked(answer: str) -> str | None:
    """The answer as it is kept. Raises InvalidInput."""
    words = plain(answer)
    if len(words) > MAX_ANSWER_CHARS:
        raise InvalidInput(FieldProblem("answer", said("must have at most %(most)s characters", most="1,000")))
    if ODD.search(words):
        raise InvalidInput(FieldProblem("answer", said("must not contain control characters")))
    return words or None
