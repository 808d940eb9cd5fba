"""A site's own decision about one of its comments. It goes through the ``door`` like every other decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from moderation.ground.database.engine import Database
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import Action, DecidedBy
from moderation.law.notices.values import WordsToNotifiers
from moderation.spine.comments import rows as comments
from moderation.spine.comments import stale_versions
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Move
from moderation.spine.comments.rows import Listed
from moderation.spine.events import rows as events


@dataclass(frozen=True, slots=True)
class Ruled:
    decision: Decision
    listed: Listed  # after the decision


def rule(
    db: Database,
    site_id: str,
    external_id: str,
    action: Action,
    *,
    version: int,
    now: datetime,
    reason: str | None = None,
    note: str | None = None,
    answer: str | None = None,
) -> Ruled:
    """Decides a comment that the site saw at ``version``. Raises NotFound, StaleVersion and MoveNotAllowed."""
    with db.write() as conn:
        comment = stale_versions.check(conn, comments.get_comment(conn, site_id, external_id), version)
        move = Move(
            comment=comment,
            decided_by=DecidedBy.API,
            to=action.status,
            due_at=now,
            reason=reason,
            note=note,
            confirms=comment.is_noticed and action is Action.PUBLISH,
            enclosed=(WordsToNotifiers(answer),),
        )
        events.hasten(conn, comment.id, now=now)
        decision = record(conn, move, now=now)
        return Ruled(decision, comments.get_listed(conn, site_id, external_id))
