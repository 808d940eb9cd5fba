"""A site describes its articles. Somebody chooses whether an article takes comments, so the audit trail records every
change of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moderation.model import Article, ArticleState
from moderation.people import audit_writing
from moderation.people.actors import Actor
from moderation.store import articles
from moderation.store.database import Database


@dataclass(frozen=True, slots=True)
class Described:
    article: Article
    is_new: bool


def describe(
    db: Database, site_id: str, external_id: str, values: Mapping[str, Any], *, by: Actor, now: datetime
) -> Described:
    """Creates the article or replaces its description. The audit trail records a change of the state, but not the
    title, text and tags, which are the site's content."""
    with db.write() as conn:
        is_new = articles.insert_article(conn, site_id, external_id, values, now=now)
        article = articles.get_article(conn, site_id, external_id)
        before = ArticleState.OPEN if is_new else article.state
        if not is_new:
            articles.update_article(conn, article.id, values, now=now)
            article = articles.get_article(conn, site_id, external_id)
        if article.state is not before:
            audit_writing.note(
                conn,
                by,
                "article.state",
                site_id=site_id,
                subject=external_id,
                before={"state": before},
                after={"state": article.state},
                now=now,
            )
    return Described(article, is_new)
