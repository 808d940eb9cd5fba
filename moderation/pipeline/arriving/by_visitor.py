"""A visitor whom nobody has signed gives notice that a comment is illegal. They reach what every reader sees, and
nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.ground.values.statuses import CommentStatus
from moderation.law.notices import giving
from moderation.law.notices import rows as notices
from moderation.law.notices.giving import Given
from moderation.law.notices.values import NewNotice
from moderation.sites.audit.actors import SYSTEM
from moderation.spine.comments import rows as comments
from moderation.spine.comments.rows import Listed


def shown(conn: Connection, site_id: str, comment_id: str) -> Listed:
    """A comment that readers see. Raises NotFound, also for one that is offline."""
    listed = comments.get_listed(conn, site_id, comment_id)
    if listed.comment.status is not CommentStatus.PUBLISHED:
        raise NotFound("comment", comment_id)
    return listed


def give_notice(db: Database, site_id: str, new: NewNotice, *, now: datetime) -> Given:
    """The same id again changes nothing, whatever became of the comment.

    Raises as ``giving.give`` does, and NotFound for a comment that readers do not see.
    """
    with db.write() as conn:
        if new.id is None or notices.find(conn, new.id) is None:
            shown(conn, site_id, new.comment_id)
        return giving.give_in(conn, site_id, new, by=SYSTEM, now=now)
