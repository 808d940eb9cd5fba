"""Parts that the commands of both sides share: the operator at the terminal, and a site by its name."""

from __future__ import annotations

import os
import pwd

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit.actors import Actor


def operator() -> Actor:
    """The person at the terminal, by the name of their account on this machine, if it has one."""
    try:
        return actors.operator(pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:  # a container runs us under a number without a name
        return actors.operator()


def site_named(database: Database, name: str) -> str:
    """The id of the site with this name or id. Raises NotFound."""
    with database.read() as conn:
        site = next((s for s in sites.all_sites(conn) if name in (s.name, s.id)), None)
    if site is None:
        raise NotFound("site", name)
    return site.id
