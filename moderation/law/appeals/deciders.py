"""The people who may decide an appeal: those of the site who did not make the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.engine import Connection

from moderation.law.appeals import rows as store
from moderation.law.statements.facts import DecidedAgainst
from moderation.sites.people import rows as people
from moderation.sites.people.roles import Role

_LEADS: Final = (Role.LEAD, Role.ADMIN)


def deciders(roles: Mapping[str, str], maker_id: str | None) -> frozenset[str]:
    """Of the site's people, by their roles, those who may decide an appeal against a decision of ``maker_id``.

    Another lead looks at a lead's decision, or any colleague where there is no other lead. Somebody who works alone
    decides on themselves, if they are a lead.
    """
    others = frozenset(id for id in roles if id != maker_id)
    if not others:
        return frozenset(id for id in roles if roles[id] in _LEADS)
    if roles.get(maker_id or "") in _LEADS:
        return frozenset(id for id in others if roles[id] in _LEADS) or others
    return others


def is_alone(conn: Connection, about: DecidedAgainst) -> bool:
    """Whether nobody could decide an appeal but the person who made the decision."""
    maker_id = store.maker_of(conn, about.step.comment_id, about.step.version)
    return maker_id is not None and deciders(roles_at(conn, about.site_id), maker_id) <= {maker_id}


def roles_at(conn: Connection, site_id: str) -> dict[str, str]:
    """By the ids of the people who work for the site."""
    return {person.id: person.role for person in people.people_of(conn, site_id)}


def barred_makers(roles: Mapping[str, str], moderator_id: str) -> frozenset[str]:
    """The people whose decisions ``moderator_id`` may not look at again."""
    return frozenset(maker for maker in roles if moderator_id not in deciders(roles, maker))
