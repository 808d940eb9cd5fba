"""Moderators watch articles: these have their counts over the queue."""

from __future__ import annotations

from datetime import datetime

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.moderators.queue import watched_rows as watched
from moderation.sites.rows import Moderator
from moderation.spine.articles import states

MOST = 20


def watch(db: Database, moderator: Moderator, article_id: str, *, now: datetime) -> None:
    """Raises NotFound, and InvalidInput for one too many."""
    with db.write() as conn:
        article = states.find_article(conn, moderator, article_id)
        others = watched.watched_by(conn, moderator.id, tuple(moderator.roles), limit=MOST + 1)
        if sum(other.article_id != article.id for other in others) >= MOST:
            raise InvalidInput(FieldProblem("article", f"you watch {MOST} articles already: take one off the list"))
        watched.watch(conn, moderator.id, article.id, article.site_id, now=now)


def unwatch(db: Database, moderator: Moderator, article_id: str) -> None:
    with db.write() as conn:
        watched.unwatch(conn, moderator.id, article_id)
