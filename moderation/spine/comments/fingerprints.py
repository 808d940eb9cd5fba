"""Keeps the fingerprints of scored comments, by which later copies of their words, contacts and domains are found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.judging.text.contacts.shared_marks import mark_band
from moderation.judging.text.likeness import fingerprints
from moderation.spine.comments import scoring_rows as scoring
from moderation.spine.comments.moves import Move


def follow(conn: Connection, moves: Sequence[Move], _now: datetime) -> None:
    """They take the place of those of an earlier text."""
    scored = [move.judgement.scored for move in moves if move.judgement is not None]
    scoring.forget_fingerprints(conn, [one.comment.id for one in scored if not one.comment.is_new])
    prints = [
        (one.comment.site_id, one.comment.id, mark, fingerprints.bands(mark))
        for one in scored
        if (mark := one.fingerprint) is not None
    ]
    shared = [(one.comment.site_id, one.comment.id, mark, (mark_band(mark),)) for one in scored for mark in one.marks]
    scoring.insert_fingerprints(conn, [*prints, *shared])
