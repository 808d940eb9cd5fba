"""The rows that a new comment points to, in one statement: a statement costs more than the rows that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.columns import UtcDateTime
from moderation.ground.database.prepared import built_once
from moderation.ground.errors import NotFound
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.authors import Author
from moderation.ground.values.measures import Standing
from moderation.law.modes.tables import modes
from moderation.pipeline.arriving.settings import PACE
from moderation.sites.settings import json_column
from moderation.sites.tables import sites
from moderation.spine.articles.tables import articles, authors


@dataclass(frozen=True, slots=True)
class ArticlePlace:
    """An article as far as a comment on it needs it. ``described`` has the columns that were asked for."""

    id: str
    state: ArticleState
    updated_at: datetime
    described: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The site's pace for one reader, None without one, and the article and author if they are known."""

    per_minute: int | None
    place: ArticlePlace | None
    author: Author | None
    has_modes: bool = False  # whether a mode for breaking news holds anywhere at the site


def surroundings(
    conn: Connection, site_id: str, article_id: str, author_id: str, described: tuple[str, ...], *, now: datetime
) -> Surroundings:
    """The surroundings of the comments, by the site's own ids. ``described`` names columns of the article, each of
    which costs its reading: the text is long. Raises NotFound for the site."""
    asked = {"site_id": site_id, "article_external_id": article_id, "author_external_id": author_id, "now": now}
    row = conn.execute(_statement(described), asked).one_or_none()
    if row is None:
        raise NotFound("site", site_id)
    per_minute, known_article, state, updated_at, known_author, name, published, rejected, standing = row[:9]
    until, registered_at, email_domain, is_staff, has_modes, *values = row[9:]
    place = author = None
    if known_article is not None:
        place = ArticlePlace(known_article, ArticleState(state), updated_at, dict(zip(described, values, strict=True)))
    if known_author is not None:
        author = Author(
            id=known_author,
            site_id=site_id,
            external_id=author_id,
            name=name,
            published=published,
            rejected=rejected,
            standing=Standing(standing),
            standing_until=until,
            registered_at=registered_at,
            email_domain=email_domain,
            is_staff=bool(is_staff),
        )
    return Surroundings(PACE if per_minute is None else per_minute or None, place, author, bool(has_modes))


_HAS_MODES = (
    sa.select(modes.c.id)
    .where(modes.c.site_id == sites.c.id, modes.c.ends_at > sa.bindparam("now", type_=UtcDateTime))
    .correlate(sites)
    .exists()
)


@built_once(128)  # building takes 0.2 ms of a POST; as many as ways to describe an article in part
def _statement(described: tuple[str, ...]) -> sa.Select[Any]:
    article = sa.and_(articles.c.site_id == sites.c.id, articles.c.external_id == sa.bindparam("article_external_id"))
    author = sa.and_(authors.c.site_id == sites.c.id, authors.c.external_id == sa.bindparam("author_external_id"))
    return (
        sa.select(
            json_column.in_column(sites.c.settings, "comments_per_author_per_minute"),
            articles.c.id,
            articles.c.state,
            articles.c.updated_at,
            authors.c.id,
            authors.c.name,
            authors.c.published,
            authors.c.rejected,
            authors.c.standing,
            authors.c.standing_until,
            authors.c.registered_at,
            authors.c.email_domain,
            authors.c.is_staff,
            _HAS_MODES,
            *(articles.c[name] for name in described),
        )
        .select_from(sites)
        .outerjoin(articles, article)
        .outerjoin(authors, author)
        .where(sites.c.id == sa.bindparam("site_id"))
    )
