"""Editor's picks: a person features a published comment, or ends that. It is a decision like others, with its event and
its undo, and the comment's status stays. A comment that is no longer published is no longer featured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from moderation.ground.database.engine import Database
from moderation.ground.errors import MoveNotAllowed, NotFound
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.moderators.review import comments_for_leads
from moderation.sites.rows import Moderator
from moderation.spine.comments import rows as comments
from moderation.spine.comments import stale_versions
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Move, hold_until


@dataclass(frozen=True, slots=True)
class Pick:
    """A wish about one comment, at the version that the moderator saw."""

    comment_id: str
    version: int
    featured: bool


def pick(db: Database, moderator: Moderator, wish: Pick, *, now: datetime, hold_s: float) -> Decision:
    """Raises NotFound, LeadsDecide, MoveNotAllowed for a comment that is not published, and StaleVersion if it has
    changed since, or is already as wished."""
    with db.write() as conn:
        comment = comments.get_by_id(conn, wish.comment_id)
        if comment.site_id not in moderator.roles:
            raise NotFound("comment", wish.comment_id)
        stale_versions.check(conn, comment, wish.version)
        if barred := comments_for_leads.reserved(conn, moderator, comment):
            raise barred
        if comment.status is not CommentStatus.PUBLISHED:
            raise MoveNotAllowed(comment.external_id, comment.status, CommentStatus.PUBLISHED)
        if comment.is_featured is wish.featured:
            raise stale_versions.stale(conn, comment)
        move = Move(
            comment=comment,
            decided_by=DecidedBy.MODERATOR,
            to=CommentStatus.PUBLISHED,
            due_at=hold_until(now, hold_s),
            moderator_id=moderator.id,
            featured=wish.featured,
        )
        return record(conn, move, now=now)
