"""Keeps count of the domains that comments online link to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.comments.moves import Move
from moderation.domains import rows as domains
from moderation.text.reading import Reading
from moderation.values.statuses import CommentStatus


def follow(conn: Connection, moves: Sequence[Move], _now: datetime) -> None:
    """An edited comment waits, so it is not online."""
    counted: Counter[tuple[str, str]] = Counter()
    for move in moves:
        step = (move.to is CommentStatus.PUBLISHED) - (move.comment.status is CommentStatus.PUBLISHED)
        for domain in _linked(move) if step else ():
            counted[move.comment.site_id, domain] += step
    domains.count_domains(conn, counted)


def _linked(move: Move) -> frozenset[str]:
    """A comment that was scored has been read already."""
    read = move.judgement.scored.reading if move.judgement is not None else Reading(move.comment.text)
    return read.domains
