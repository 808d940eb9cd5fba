"""A moderator at the comment box: the site's server has signed who they are. They may do there what they may do at the
desk, at this site alone, and only where the site allows it: who has the site's secret could sign any of them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.engine import Connection

from moderation.ground.errors import NotAllowed
from moderation.sites import rows as sites
from moderation.sites.people import roles
from moderation.sites.rows import Moderator


def get(conn: Connection, site_id: str, email: str | None) -> Moderator:
    """The moderator who logs in at the desk by this address, with their role at this site alone. Raises NotAllowed."""
    if email is None:
        raise NotAllowed("the token names no moderator")
    if not sites.get_site(conn, site_id).settings.moderators_in_box:
        raise NotAllowed("the site's setting moderators_in_box is off")
    moderator = sites.find_moderator(conn, email=email)
    if moderator is None or site_id not in roles.sites_where(moderator):
        raise NotAllowed("the token's moderator has no role at the site")
    return replace(moderator, roles={site_id: moderator.roles[site_id]})


def find(conn: Connection, site_id: str, email: str | None) -> Moderator | None:
    """None for a reader who may not decide."""
    try:
        return get(conn, site_id, email) if email is not None else None
    except NotAllowed:
        return None
