"""Counts how many of the site's other comments are near copies of a comment, so that an advertisement that is posted
again and again shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.engine import Connection

from moderation.model import CommentToScore
from moderation.store import scoring
from moderation.text import fingerprints


def with_near_copies(conn: Connection, loaded: Iterable[CommentToScore]) -> list[CommentToScore]:
    """The comments in order of arrival, each with the number of its near copies among stored comments and earlier ones
    of this batch."""
    earlier: list[tuple[str, int]] = []
    counted = []
    for scored in sorted(loaded, key=lambda c: c.comment.id):
        counted.append(replace(scored, near_copies=_near_copies(conn, scored, earlier)))
        if scored.fingerprint is not None:
            earlier.append((scored.comment.site_id, scored.fingerprint))
    return counted


def _near_copies(conn: Connection, scored: CommentToScore, earlier: list[tuple[str, int]]) -> int:
    comment, mark = scored.comment, scored.fingerprint
    if mark is None:
        return 0
    here = [other for site_id, other in earlier if site_id == comment.site_id]
    stored = scoring.count_near_copies(conn, comment.site_id, mark, not_comment=comment.id)
    return stored + sum(fingerprints.is_near_copy(mark, other) for other in here)
