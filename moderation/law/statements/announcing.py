"""The statement in the event of a decision: its ground as it is now, and the signed link that the site passes on.

The event keeps the ground, so that a statement stays as its author read it when the site changes its rules.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.values.decisions import Decision
from moderation.ground.wording.sentences import nearest
from moderation.law.statements import building, links
from moderation.law.statements import rows as store
from moderation.law.statements.building import StatedGround
from moderation.law.statements.facts import DecidedAgainst, is_against
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments.moves import Move


def announce(conn: Connection, steps: Sequence[tuple[Move, Decision]]) -> dict[str, dict[str, Any]]:
    """The field ``statement`` in the event of each decision; None where that is not against the author."""
    stated: dict[str, dict[str, Any]] = {decision.id: {"statement": None} for _, decision in steps}
    against = [decision.comment_id for _, decision in steps if is_against(decision)]
    known: dict[str, tuple[SiteSettings, str]] = {}
    for about in store.against(conn, against) if against else ():
        if about.step.id not in stated:  # an earlier decision on the comment
            continue
        if about.site_id not in known:
            settings, key = store.terms_of(conn, about.site_id)
            known[about.site_id] = settings, key or secret(conn, about.site_id)
        stated[about.step.id] = {"statement": _field(about, *known[about.site_id])}
    return stated


def secret(conn: Connection, site_id: str) -> str:
    """The secret that signs the site's links, made when the first one is signed."""
    if (known := store.secret_of(conn, site_id)) is not None:
        return known
    store.keep_secret(conn, site_id, secrets.token_hex(32))
    stored = store.secret_of(conn, site_id)
    assert stored is not None
    return stored


def ensure_secret(db: Database, site_id: str) -> None:
    """For callers that only read, and show links."""
    with db.read() as conn:
        is_known = store.secret_of(conn, site_id) is not None
    if not is_known:
        with db.write() as conn:
            secret(conn, site_id)


def ground_field(ground: StatedGround) -> dict[str, Any]:
    """As ``building.announced_ground`` reads it."""
    return {
        "kind": ground.kind.value,
        "name": ground.name,
        "provision": ground.provision,
        "text": ground.text,
        "category": ground.category,
        "keywords": list(ground.keywords),
    }


def _field(about: DecidedAgainst, settings: SiteSettings, key: str) -> dict[str, Any]:
    language, step = nearest(about.language), about.step
    ground = building.stated_ground(settings, about, language)
    until = building.object_until(settings, step.created_at)
    return {
        "language": language,
        "restriction": about.restriction.value,
        "found_by": about.source.value,
        "automated_decision": about.automation.value,
        "ground": ground_field(ground),
        "object_until": until.isoformat(),
        "path": links.path(key, step.id, until),
    }
