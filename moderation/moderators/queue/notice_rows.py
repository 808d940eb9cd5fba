"""How many notices of illegal content wait for a person."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.spine.comments.tables import notices


def count_open(conn: Connection, site_ids: Sequence[str], *, at_most: int) -> int:
    """Counted up to ``at_most``."""
    is_open = notices.c.outcome.is_(None)
    waiting = [sa.select(notices.c.id).where(notices.c.site_id == id, is_open).limit(at_most) for id in site_ids]
    if not waiting:
        return 0
    counted = sa.select(sa.func.count()).select_from(union_of(waiting).subquery())
    return min(conn.execute(counted).scalar_one(), at_most)
