"""A site describes its articles. Somebody chooses whether an article takes comments, so the audit trail records every
change of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.ground.values.articles import Article, ArticleState
from moderation.sites.audit import actors
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor
from moderation.sites.people.roles import Role, allow
from moderation.sites.rows import Moderator
from moderation.spine.articles import rows as articles


@dataclass(frozen=True, slots=True)
class Described:
    article: Article
    is_new: bool


def describe(
    db: Database, site_id: str, external_id: str, values: Mapping[str, Any], *, by: Actor, now: datetime
) -> Described:
    """Creates the article or replaces its description. A state that somebody set at the desk stays until the site sends
    another state than before. The audit trail records a change of the state, but not the title, text and tags, which
    are the site's content."""
    with db.write() as conn:
        is_new = articles.insert_article(conn, site_id, external_id, values, now=now)
        article = articles.get_article(conn, site_id, external_id)
        before = ArticleState.OPEN if is_new else article.state
        if not is_new:
            articles.describe_article(conn, article.id, values, now=now)
            article = articles.get_article(conn, site_id, external_id)
        if article.state is not before:
            _note(conn, by, replace(article, state=before), article.state, now)
    return Described(article, is_new)


def find_article(conn: Connection, moderator: Moderator, article_id: str) -> Article:
    """Raises NotFound unless it is at one of the moderator's sites."""
    article = articles.article_by_id(conn, article_id)
    if article is None or article.site_id not in moderator.roles:
        raise NotFound("article", article_id)
    return article


def set_state(db: Database, moderator: Moderator, article_id: str, state: ArticleState, *, now: datetime) -> Article:
    """Carries out a lead's choice at the desk. It stays until somebody sets another one there or the site sends another
    one than before. Raises NotFound and NotAllowed."""
    with db.write() as conn:
        article = find_article(conn, moderator, article_id)
        allow(moderator, article.site_id, Role.LEAD)
        if article.state is not state:
            change(conn, article, state, by=actors.person(moderator), now=now)
    return replace(article, state=state)


def change(conn: Connection, article: Article, state: ArticleState, *, by: Actor, now: datetime) -> None:
    """By Gavel or its people, and not by the site: it stays when the site repeats what it said before."""
    articles.set_state(conn, article.id, state, now=now)
    _note(conn, by, article, state, now)


def _note(conn: Connection, by: Actor, article: Article, state: ArticleState, now: datetime) -> None:
    audit_writing.note(
        conn,
        by,
        "article.state",
        site_id=article.site_id,
        subject=article.external_id,
        before={"state": article.state},
        after={"state": state},
        now=now,
    )
