"""Keeps the fingerprints of scored comments, by which later copies of their words, contacts and domains are found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.judging.text.contacts.shared_marks import mark_band
from moderation.judging.text.near_copies import fingerprints
from moderation.spine.comments import scoring_rows as scoring
from moderation.spine.comments.moves import Move


def follow(conn: Connection, moves: Sequence[Move], _now: datetime) -> None:
    """They take the place of those of an earlier text."""
    scored = [move.judgement.scored for move in moves if move.judgement is not None]
    scoring.forget_fingerprints(conn, [text.comment.id for text in scored if not text.comment.is_new])
    prints = [
        (text.comment.site_id, text.comment.id, mark, fingerprints.bands(mark))
        for text in scored
        if (mark := text.fingerprint) is not None
    ]
    shared = [
        (text.comment.site_id, text.comment.id, mark, (mark_band(mark),)) for text in scored for mark in text.marks
    ]
    scoring.insert_fingerprints(conn, [*prints, *shared])
