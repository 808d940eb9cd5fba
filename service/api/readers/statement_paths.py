"""Where readers find the reasons for decisions against their own comments, with the form for an appeal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.law.statements import building, links
from moderation.law.statements import rows as store
from moderation.spine.comments.rows import Listed

_UNSEEN = frozenset({CommentStatus.REJECTED, CommentStatus.FLAGGED})  # flagged: it may have been online before


def paths(conn: Connection, site_id: str, own: Sequence[Listed], *, now: datetime) -> Mapping[str, str]:
    """By the site's id of a comment, the page of its statement, while the decision holds and appeals are open."""
    unseen = [listed.comment.id for listed in own if listed.comment.status in _UNSEEN]
    if not unseen:
        return {}
    settings, secret = store.terms_of(conn, site_id)
    pages = {}
    for about in store.against(conn, unseen) if secret else ():
        until = building.statement(about, settings).object_until
        if now < until and about.holds:
            pages[about.comment_id] = links.path(secret or "", about.step.id, until)
    return pages
