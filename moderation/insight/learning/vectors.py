"""Keeps the vectors of comments in step with their moves. They say how alike the meanings of two comments are, and
which of the comments a person decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.insight.learning import vector_rows as vectors
from moderation.insight.learning.vector_rows import KeptVector
from moderation.spine.comments.moves import Judgement, Move


def follow(conn: Connection, moves: Sequence[Move], _now: datetime) -> None:
    """Keeps the vectors of scored comments, and notes for the others whether a person's decision still holds."""
    vectors.note_decisions(conn, [move.comment.id for move in moves if move.judgement is None])
    _keep(conn, [move.judgement for move in moves if move.judgement is not None])


def follow_scores(conn: Connection, judgement: Judgement) -> None:
    """Keeps the vector that came with newer scores."""
    _keep(conn, [judgement])


def _keep(conn: Connection, judgements: Sequence[Judgement]) -> None:
    """Keeps the vectors of scored comments. An erased text has none."""
    about = [(j.scored.comment, j.vector if j.scored.comment.text else None) for j in judgements]
    vectors.keep(conn, [KeptVector(comment.id, comment.site_id, vector, comment.is_new) for comment, vector in about])
