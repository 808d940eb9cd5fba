"""The people who may decide an appeal: those of the site who did not make the decision, nor a decision that it follows
from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import MACHINES
from moderation.law.appeals import rows as store
from moderation.law.appeals.values import Appeal, CommentAppeal
from moderation.law.statements.facts import DecidedAgainst
from moderation.sites.people import rows as people
from moderation.sites.people.roles import Role

_LEADS: Final = (Role.LEAD, Role.ADMIN)


def deciders(roles: Mapping[str, str], makers: frozenset[str]) -> frozenset[str]:
    """Of the site's people, by their roles, those who may decide an appeal against a decision of ``makers``.

    Another lead looks at a lead's decision, or any colleague where there is no other lead. Where all made it, or
    somebody works alone, a lead decides on it again.
    """
    others = frozenset(id for id in roles if id not in makers)
    if not others:
        return frozenset(id for id in roles if roles[id] in _LEADS)
    if any(roles.get(maker) in _LEADS for maker in makers):
        return frozenset(id for id in others if roles[id] in _LEADS) or others
    return others


def of_appeal(conn: Connection, appeal: Appeal) -> tuple[frozenset[str], frozenset[str]]:
    """Those who may decide it, and those who made the decision, or took the measure."""
    alike = store.makers_of(conn, appeal.decision_id) if isinstance(appeal, CommentAppeal) else frozenset[str]()
    makers = alike | ({appeal.maker_id} if appeal.maker_id else set())
    return deciders(roles_at(conn, appeal.site_id), makers), makers


def maker_of(conn: Connection, about: DecidedAgainst) -> str | None:
    """The person who made the decision or confirmed it last, or whose decision about copies software applied. None of
    software and the site."""
    by_hand = store.maker_of(conn, about.step.comment_id, about.step.version)
    is_applied = about.step.decided_by in MACHINES and about.step.batch_id is not None
    return by_hand or (store.treated_by(conn, about.step) if is_applied else None)


def is_alone(conn: Connection, about: DecidedAgainst) -> bool:
    """Whether nobody could decide an appeal but those who made the decision."""
    maker_id = maker_of(conn, about)
    makers = store.makers_of(conn, about.step.id) | ({maker_id} if maker_id else set())
    return are_alone(conn, about.site_id, makers)


def are_alone(conn: Connection, site_id: str, makers: frozenset[str]) -> bool:
    """Whether nobody could decide an appeal but these, who made the decision."""
    return bool(makers) and deciders(roles_at(conn, site_id), makers) <= makers


def roles_at(conn: Connection, site_id: str) -> dict[str, str]:
    """Roles, by the ids of the people who work for the site."""
    return {person.id: person.role for person in people.people_of(conn, site_id)}
