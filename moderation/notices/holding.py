"""Keeps machines from deciding a comment that somebody gave notice of: a person does. A notice of the text that a
machine is about to publish leaves that text where it would be without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.comments.moves import Move
from moderation.notices import pace_rows as pace
from moderation.notices import rows as store
from moderation.notices.values import LegalNotice
from moderation.values.statuses import Action, CommentStatus
from moderation.values.verdicts import Reason, ReasonCode

REASON = Reason(ReasonCode.NOTICED, Action.FLAG, label="Notice of illegal content")


def for_people(conn: Connection, moves: Sequence[Move]) -> list[Move]:
    """A machine's moves, in which comments with an open notice go to a person instead. The caller's transaction has
    locked the comments."""
    noticed = store.open_on(conn, [move.comment.id for move in moves]) if moves else {}
    edited = pace.edited_at(conn, list(noticed)) if noticed else {}
    return [
        _held(move) if _needs_person(move, noticed.get(move.comment.id, ()), edited.get(move.comment.id)) else move
        for move in moves
    ]


def _needs_person(move: Move, noticed: Sequence[LegalNotice], edited: datetime | None) -> bool:
    """An author cannot edit a noticed comment out of a person's sight; and a notice of a text that waits holds it only
    at a site that lets notices hide comments."""
    if move.to is not CommentStatus.PUBLISHED:
        return bool(noticed)
    return any(notice.hid or (edited is not None and notice.received_at <= edited) for notice in noticed)


def _held(move: Move) -> Move:
    reasons = tuple(replace(one, action=Action.FLAG) for one in move.reasons if one.action is not Action.PUBLISH)
    return replace(move, to=CommentStatus.FLAGGED, reasons=(REASON, *reasons), reason=None, batch_id=None)
