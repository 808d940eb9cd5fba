"""The comments that the person at the desk still has to judge blind: a page says nothing of how they were decided."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from moderation.insight.checks import rows as checks
from service.desk.frame.rendering import me


def blind_among(conn: Connection, comment_ids: Sequence[str]) -> set[str]:
    """Those of the comments that wait for a check which this person may make, their first or their second one."""
    return checks.blind_among(conn, comment_ids, reader_id=me().id)


def is_blind(conn: Connection, comment_id: str) -> bool:
    """Whether only the card of its check may show the comment."""
    return bool(blind_among(conn, [comment_id]))
