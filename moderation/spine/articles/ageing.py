"""Closes articles to comments some days after Gavel first heard of them, where the site wishes it. Each is closed once:
a person who opens it again has the last word."""

from __future__ import annotations

from datetime import datetime, timedelta

from moderation.ground.database.engine import Database
from moderation.ground.values.articles import ArticleState
from moderation.sites import rows as sites
from moderation.sites.audit.actors import SYSTEM
from moderation.spine.articles import rows as articles
from moderation.spine.articles import states

AT_ONCE = 200


def close_aged(db: Database, now: datetime) -> bool:
    """Closes a batch at each site, with a line in the audit trail for every article that was open. Returns whether
    there may be more."""
    with db.read() as conn:
        wishes = {site.id: site.settings.close_after_days for site in sites.all_sites(conn)}
    counts = [_close(db, site_id, now - timedelta(days=days), now) for site_id, days in wishes.items() if days]
    return any(count == AT_ONCE for count in counts)


def _close(db: Database, site_id: str, before: datetime, now: datetime) -> int:
    with db.read() as conn:
        aged = articles.young_before(conn, site_id, before, limit=AT_ONCE)
    for article in aged:
        with db.write() as conn:
            if articles.note_age(conn, article.id, now=now) and article.state is not ArticleState.CLOSED:
                states.change(conn, article, ArticleState.CLOSED, by=SYSTEM, now=now)
    return len(aged)
