"""Roles from the groups of a login provider. A site that ``OIDC_ROLES`` names takes its roles from there alone; at
others they are as admins gave them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.environment.group_roles import EVERY_SITE, GroupRole
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit.writing import note
from moderation.sites.people import identity_rows
from moderation.sites.people import rows as people
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator

RANKS = list(Role)


@dataclass(frozen=True, slots=True)
class GroupRoles:
    """The roles of one person by site id. None at a site that takes its roles from groups and has none for them."""

    by_site: Mapping[str, Role | None]
    is_in_a_group: bool


def roles_of(conn: Connection, rules: Sequence[GroupRole], groups: Collection[str]) -> GroupRoles:
    """The highest role that one of the groups gives at each site."""
    by_site: dict[str, Role | None] = {}
    for site in sites.all_sites(conn):
        here = [rule for rule in rules if rule.site in (EVERY_SITE, site.name, site.id)]
        given = [Role(rule.role) for rule in here if rule.group in groups]
        if here:
            by_site[site.id] = max(given, key=RANKS.index, default=None)
    return GroupRoles(by_site, any(rule.group in groups for rule in rules))


def unknown_sites(conn: Connection, rules: Sequence[GroupRole]) -> list[str]:
    """Names in the rules that no site has."""
    known = {EVERY_SITE} | {name for site in sites.all_sites(conn) for name in (site.name, site.id)}
    return sorted({rule.site for rule in rules} - known)


def apply(conn: Connection, moderator: Moderator, roles: GroupRoles, *, now: datetime) -> None:
    """Gives the moderator these roles. The last admin of a site stays one: somebody must be able to mend it."""
    for site_id, role in roles.by_site.items():
        held = moderator.roles.get(site_id)
        if role == held:
            continue
        if held == Role.ADMIN:
            sites.lock_site(conn, site_id)  # two admins do not lose their roles at once
        if held == Role.ADMIN and not identity_rows.has_other_admin(conn, site_id, moderator.id):
            said = {"role": Role.ADMIN, "groups": role}
            note(conn, actors.SYSTEM, "person.kept", site_id=site_id, subject=moderator.email, after=said, now=now)
            continue
        if role is None:
            people.remove_from(conn, moderator.id, site_id)
        else:
            sites.set_role(conn, moderator.id, site_id, role)
        was, becomes = {"role": held}, {"role": role}
        note(
            conn, actors.SYSTEM, "person.grouped", site_id=site_id, subject=moderator.email, before=was, after=becomes,
            now=now,
        )  # fmt: skip
