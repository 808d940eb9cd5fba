"""Moderators watch articles: these have their counts over the queue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.articles import rows as articles
from moderation.articles import watched_rows as watched
from moderation.database.engine import Database
from moderation.errors import FieldProblem, InvalidInput, NotFound
from moderation.sites.rows import Moderator
from moderation.values.articles import Article

MOST = 20


def find_article(conn: Connection, moderator: Moderator, article_id: str) -> Article:
    """Raises NotFound unless it is at one of the moderator's sites."""
    article = articles.article_by_id(conn, article_id)
    if article is None or article.site_id not in moderator.roles:
        raise NotFound("article", article_id)
    return article


def watch(db: Database, moderator: Moderator, article_id: str, *, now: datetime) -> None:
    """Raises NotFound, and InvalidInput for one too many."""
    with db.write() as conn:
        article = find_article(conn, moderator, article_id)
        others = watched.watched_by(conn, moderator.id, tuple(moderator.roles), limit=MOST + 1)
        if sum(other.article_id != article.id for other in others) >= MOST:
            raise InvalidInput(FieldProblem("article", f"you watch {MOST} articles already: take one off the list"))
        watched.watch(conn, moderator.id, article.id, article.site_id, now=now)


def unwatch(db: Database, moderator: Moderator, article_id: str) -> None:
    with db.write() as conn:
        watched.unwatch(conn, moderator.id, article_id)
