"""The reasons for rejection that a page offers for several comments at once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from moderation.moderators.review import reviewing as review
from moderation.sites import rows as sites
from service.desk.frame.sentences.wording import reasons_in_words


def shared_reasons(conn: Connection, site_ids: Sequence[str]) -> dict[str, str]:
    """The reasons that all of these sites use, by name, in the words of the first one. Empty without a site."""
    if not site_ids:
        return {}
    settings = sites.get_site(conn, site_ids[0]).settings
    return reasons_in_words(settings, review.shared_reasons(conn, site_ids))
