"""The roles that a moderator has at sites."""

from __future__ import annotations

from enum import StrEnum

from moderation.ground.errors import NotAllowed
from moderation.sites.rows import Moderator


class Role(StrEnum):
    """Each role may do everything that the one before it may."""

    MODERATOR = "moderator"
    LEAD = "lead"
    ADMIN = "admin"


def allow(moderator: Moderator, site_id: str, role: Role = Role.MODERATOR) -> None:
    """Raises NotAllowed unless the moderator has this role or a higher one at the site."""
    if site_id not in sites_where(moderator, role):
        raise NotAllowed(f"this needs the role {role} on the site")


def sites_where(moderator: Moderator, role: Role = Role.MODERATOR) -> tuple[str, ...]:
    """The sites at which the moderator has this role or a higher one."""
    ranks = list(Role)
    return tuple(site for site, held in moderator.roles.items() if ranks.index(Role(held)) >= ranks.index(role))
