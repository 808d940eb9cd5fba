"""The names that belong to ids in the audit trail, looked up when it is read: an erased reader has none there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.sites.tables import moderators
from moderation.spine.articles.tables import articles, authors


@dataclass(frozen=True, slots=True)
class Names:
    """By e-mail address, by an author's id at the site, and by an article's."""

    people: Mapping[str, str] = field(default_factory=dict)
    authors: Mapping[str, str] = field(default_factory=dict)
    articles: Mapping[str, str] = field(default_factory=dict)


def names_of(
    conn: Connection,
    site_id: str,
    *,
    emails: Collection[str] = (),
    author_ids: Collection[str] = (),
    article_ids: Collection[str] = (),
) -> Names:
    people = sa.select(moderators.c.email, moderators.c.name).where(moderators.c.email.in_(emails))
    readers = sa.select(authors.c.external_id, authors.c.name).where(
        authors.c.site_id == site_id, authors.c.external_id.in_(author_ids), authors.c.name.is_not(None)
    )
    titled = sa.select(articles.c.external_id, articles.c.title).where(
        articles.c.site_id == site_id, articles.c.external_id.in_(article_ids), articles.c.title.is_not(None)
    )
    wanted = ((people, emails), (readers, author_ids), (titled, article_ids))
    return Names(*({row[0]: row[1] for row in conn.execute(query)} if ids else {} for query, ids in wanted))
