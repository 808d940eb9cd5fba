"""Shows on every page that a house model went back into the shadow, until somebody saves another policy."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from moderation.insight.checks import vitals
from moderation.sites.rows import Moderator
from service import cached
from service.context import gavel

LOOK_S = 30.0  # one look serves every page of this process for so long


def put_back_for(moderator: Moderator) -> list[str]:
    """The names of the moderator's sites where it did. Empty when the database is down: the page that reports that must
    not fail here."""
    site_ids = tuple(sorted(moderator.roles))
    try:
        return cached.value(("put_back", site_ids), LOOK_S, lambda: _look(site_ids))
    except SQLAlchemyError:
        return []


def _look(site_ids: tuple[str, ...]) -> list[str]:
    with gavel().database.read() as conn:
        return vitals.put_back_on(conn, site_ids)
