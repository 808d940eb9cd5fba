"""The effect of the modes in force: on an article, on a new comment there, and on its author."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.errors import ArticleClosed, AuthorSlowed
from moderation.ground.values.articles import Article, ArticleState
from moderation.ground.values.authors import Author
from moderation.ground.values.comments import Comment
from moderation.ground.values.modes import Mode, ModeName, strictest
from moderation.law.modes import rows as store
from moderation.spine.articles import rows as articles

EDITED_WITHIN = timedelta(days=1)
"""The age of comments whose edits a slow mode counts: readers edit for minutes."""


def in_force(
    conn: Connection, site_id: str, *, article_id: str | None, section: str | None, now: datetime
) -> tuple[Mode, ...]:
    """All that hold for comments on the article, by our id, or on a new one in this section."""
    modes = store.ending_after(conn, [site_id], now)
    return tuple(mode for mode in modes if mode.is_in_force(now) and mode.covers(article_id, section))


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
    """Looks at a comment that is about to be stored in this transaction. Raises AuthorSlowed while a comment of the
    author's in the same place is younger than the minutes of a slow mode."""
    for mode in modes:
        if mode.name is ModeName.SLOW:
            articles.lock_author(conn, author.id)
            gap = timedelta(minutes=mode.minutes)
            newest = store.newest_arrival(conn, mode, author.id, since=now - gap)
            if newest is not None:
                raise AuthorSlowed(author.external_id, mode.minutes, _wait_s(mode, newest, now))


def refuse_fast_edit(conn: Connection, comment: Comment, *, now: datetime) -> None:
    """Looks at an edit that is about to be stored in this transaction. Raises AuthorSlowed while another edit by the
    author in the same place is younger than the minutes of a slow mode: a comment that is rewritten again and again
    says as much as new ones."""
    for mode in _over(conn, comment, now):
        if mode.name is ModeName.SLOW:
            articles.lock_author(conn, comment.author_id)
            newest = store.newest_edit(
                conn,
                mode,
                comment.author_id,
                of_comments_since=now - EDITED_WITHIN,
                since=now - timedelta(minutes=mode.minutes),
            )
            if newest is not None:
                author = articles.author_by_id(conn, comment.author_id)
                named, wait_s = author.external_id if author else "", _wait_s(mode, newest, now)
                raise AuthorSlowed(named, mode.minutes, wait_s, did="edited")


def refuse_new_words(conn: Connection, comment: Comment, *, now: datetime) -> None:
    """Looks at a reader who wishes to edit a comment. Raises ArticleClosed where readers may not post a new one
    either."""
    article = articles.article_by_id(conn, comment.article_id)
    if article is not None:
        if article.state is ArticleState.CLOSED:
            raise ArticleClosed(article.external_id)
        refuse_closed(_over(conn, comment, now), article.external_id)


def _over(conn: Connection, comment: Comment, now: datetime) -> tuple[Mode, ...]:
    """The modes in force where the comment is."""
    if not store.ending_after(conn, [comment.site_id], now):  # as most often
        return ()
    article = articles.article_by_id(conn, comment.article_id)
    section = article.section if article is not None else None
    return in_force(conn, comment.site_id, article_id=comment.article_id, section=section, now=now)


def _wait_s(mode: Mode, newest: datetime, now: datetime) -> int:
    wait = min(newest + timedelta(minutes=mode.minutes), mode.ends_at) - now
    return max(1, math.ceil(wait.total_seconds()))
