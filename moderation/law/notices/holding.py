"""Keeps machines from deciding a comment that somebody gave notice of: a person does. A notice of the text that a
machine is about to publish leaves that text where it would be without it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.law.notices import pace_rows as pace
from moderation.law.notices import rows as store
from moderation.law.notices.values import LegalNotice
from moderation.spine.comments.moves import Move

REASON = Reason(ReasonCode.NOTICED, Action.FLAG, label="Notice of illegal content")


def veto(conn: Connection, moves: Sequence[Move]) -> dict[str, Reason]:
    """Among a machine's moves, those of comments with an open notice that a person decides."""
    asked = [move for move in moves if not _hands_over(move)]
    noticed = store.open_on(conn, [move.comment.id for move in asked]) if asked else {}
    edited = pace.edited_at(conn, list(noticed)) if noticed else {}
    return {
        move.comment.id: REASON
        for move in asked
        if _needs_person(move, noticed.get(move.comment.id, ()), edited.get(move.comment.id))
    }


def _hands_over(move: Move) -> bool:
    """A notice, or the reports of readers, may take a comment offline until a person decides. Newer scores may not."""
    to_a_person = move.comment.status is CommentStatus.PUBLISHED and move.to is CommentStatus.FLAGGED
    return to_a_person and move.judgement is None


def _needs_person(move: Move, noticed: Sequence[LegalNotice], edited: datetime | None) -> bool:
    """An author cannot edit a noticed comment out of a person's sight; and a notice of a text that waits holds it only
    at a site that lets notices hide comments."""
    if move.comment.status is not CommentStatus.WAITING or move.to is not CommentStatus.PUBLISHED:
        return bool(noticed)
    return any(notice.hid or (edited is not None and notice.received_at <= edited) for notice in noticed)
