"""Notices what gets several times its usual: an article or an author. Campaigns have a notice of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.values.articles import ArticleState
from moderation.ground.values.modes import Mode, strictest
from moderation.law.modes import rows as mode_rows
from moderation.moderators.queue import surge_rows as store

HOUR = timedelta(hours=1)
TIMES = 4  # the usual
ARTICLE_FROM, AUTHOR_FROM = 20, 10  # comments in the hour: below that, several times the usual is chance
ARTICLE_USUAL, AUTHOR_USUAL = timedelta(days=1), timedelta(days=7)  # before the hour
COUNTED = 5_000
LOOKED_AT = 3  # of each site, those with the most


@dataclass(frozen=True, slots=True)
class Surge:
    """``times`` is 0 where there was nothing before."""

    kind: str  # article or author
    id: str
    site_id: str
    name: str
    count: int
    times: int
    state: ArticleState | None = None
    mode: Mode | None = None  # for breaking news


def look(conn: Connection, site_ids: Sequence[str], now: datetime) -> list[Surge]:
    """Of an article, the usual is its own of the day before or, where that is more, the mean of the other articles in
    this hour: a new article has no day before, and in the evening all have more."""
    surges: list[Surge] = []
    for site_id, arrivals in store.since(conn, site_ids, now - HOUR).items():
        surges += [*of_articles(conn, site_id, arrivals, now), *of_authors(conn, site_id, arrivals, now)]
    return surges


def of_articles(conn: Connection, site_id: str, arrivals: store.NewestArrivals, now: datetime) -> list[Surge]:
    """The surges of articles that take comments."""
    busy = [(id, n) for id, n in arrivals.articles.most_common(LOOKED_AT) if n >= ARTICLE_FROM]
    names = store.article_names(conn, [id for id, _n in busy])
    modes = mode_rows.ending_after(conn, [site_id], now) if busy else []
    total, surges = arrivals.articles.total(), []
    for id, n in busy:
        before = store.on_article(conn, id, now - HOUR - ARTICLE_USUAL, now - HOUR, at_most=COUNTED)
        others = (total - n) / (len(arrivals.articles) - 1) if len(arrivals.articles) > 1 else 0.0
        usual = max(before / (ARTICLE_USUAL / HOUR), others)
        title, state, section = names[id]
        if n >= TIMES * usual and state != ArticleState.CLOSED:
            mode = strictest(held for held in modes if held.covers(id, section))
            surges.append(Surge("article", id, site_id, title, n, _times(n, usual), ArticleState(state), mode))
    return surges


def of_authors(conn: Connection, site_id: str, arrivals: store.NewestArrivals, now: datetime) -> list[Surge]:
    """Of an author, the usual is the week before."""
    busy = [(id, n) for id, n in arrivals.authors.most_common(LOOKED_AT) if n >= AUTHOR_FROM]
    names, surges = store.author_names(conn, [id for id, _n in busy]), []
    for id, n in busy:
        before = store.by_author(conn, id, now - HOUR - AUTHOR_USUAL, now - HOUR, at_most=COUNTED)
        usual = before / (AUTHOR_USUAL / HOUR)
        if n >= TIMES * usual:
            surges.append(Surge("author", id, site_id, names[id], n, _times(n, usual)))
    return surges


def _times(count: int, usual: float) -> int:
    """Only whole numbers that mean something: below one an hour, the usual says nothing."""
    return int(count / usual) if usual >= 1 else 0
