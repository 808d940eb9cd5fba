"""The effect of the modes in force: on an article, on a new comment there, and on its author."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.articles import rows as articles
from moderation.errors import ArticleClosed, AuthorSlowed
from moderation.modes import rows as store
from moderation.values.articles import Article
from moderation.values.authors import Author
from moderation.values.modes import Mode, ModeName, strictest


def in_force(
    conn: Connection, site_id: str, *, article_id: str | None, section: str | None, now: datetime
) -> tuple[Mode, ...]:
    """All that hold for comments on the article, by our id, or on a new one in this section."""
    found = store.ending_after(conn, [site_id], now)
    return tuple(mode for mode in found if mode.is_in_force(now) and mode.covers(article_id, section))


def mode_of(conn: Connection, site_id: str, article: Article | None, *, now: datetime) -> Mode | None:
    """The strictest mode in force for the article, for its readers to know. Of an article that Gavel does not know,
    that of the site."""
    article_id, section = (article.id, article.section) if article is not None else (None, None)
    return strictest(in_force(conn, site_id, article_id=article_id, section=section, now=now))


def refuse_closed(modes: Iterable[Mode], article_id: str) -> None:
    """``article_id`` is the site's own. Raises ArticleClosed."""
    closed = strictest(mode for mode in modes if mode.name is ModeName.CLOSED)
    if closed is not None:
        raise ArticleClosed(article_id, closed.ends_at)


def refuse_fast(conn: Connection, modes: Iterable[Mode], author: Author, *, now: datetime) -> None:
    """For a comment that is about to be stored in this transaction. Raises AuthorSlowed while a comment of the author's
    in the same place is younger than the minutes of a slow mode."""
    for mode in modes:
        if mode.name is ModeName.SLOW:
            articles.lock_author(conn, author.id)
            gap = timedelta(minutes=mode.minutes)
            newest = store.newest_arrival(conn, mode, author.id, since=now - gap)
            if newest is not None:
                wait = min(newest + gap, mode.ends_at) - now
                raise AuthorSlowed(author.external_id, mode.minutes, max(1, math.ceil(wait.total_seconds())))
