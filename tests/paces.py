"""Sites where one reader writes as fast as they like, as tests do."""

from __future__ import annotations

from dataclasses import replace

from moderation.ground.database.engine import Database
from moderation.sites import rows
from moderation.sites.sites import NewSite


def without_pace(database: Database, made: NewSite) -> NewSite:
    """The site without the limit that a new one has, and without an entry in the audit trail about it."""
    settings = made.site.settings.changed(comments_per_author_per_minute=None)
    with database.write() as conn:
        rows.update_site_settings(conn, made.site.id, settings)
    return replace(made, site=replace(made.site, settings=settings))
