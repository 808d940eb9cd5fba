"""The statement in the event of a decision: its ground as it is now, and the signed link that the site passes on.

The event keeps the ground, so that a statement stays as its author read it when the site changes its rules.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.values.decisions import Decision
from moderation.ground.wording.sentences import nearest
from moderation.law.statements import building, links
from moderation.law.statements import rows as store
from moderation.law.statements.facts import restriction_of
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments.moves import Move


def announce(conn: Connection, steps: Sequence[tuple[Move, Decision]]) -> dict[str, dict[str, Any]]:
    """The field ``statement`` in the event of each decision; None where that is not against the author."""
    stated = _stated(conn, [decision for _, decision in steps], {move.comment.id: _language(move) for move, _ in steps})
    return {decision.id: {"statement": stated.get(decision.id)} for _, decision in steps}


def _language(move: Move) -> str | None:
    """As the site sent it, or as it was detected just now."""
    detected = move.judgement.scoring.language if move.judgement else None
    return move.comment.language or detected


def _stated(
    conn: Connection, decided: Sequence[Decision], spoken_in: Mapping[str, str | None]
) -> dict[str, dict[str, Any]]:
    """By decision, those against an author. ``spoken_in`` is the language of each comment, by its id."""
    against = [decision for decision in decided if restriction_of(decision) is not None]
    if not against:
        return {}
    languages = store.languages_of(
        conn, [decision.comment_id for decision in against if spoken_in[decision.comment_id] is None]
    )
    known: dict[str, tuple[SiteSettings, str]] = {}
    fields = {}
    for decision in against:
        if decision.site_id not in known:
            settings, key = store.terms_of(conn, decision.site_id)
            known[decision.site_id] = settings, key or secret(conn, decision.site_id)
        language = nearest(spoken_in[decision.comment_id] or languages.get(decision.comment_id))
        fields[decision.id] = _field(decision, *known[decision.site_id], language)
    return fields


def secret(conn: Connection, site_id: str) -> str:
    """The secret that signs the site's links, made when the first one is signed."""
    if (known := store.secret_of(conn, site_id)) is not None:
        return known
    store.keep_secret(conn, site_id, secrets.token_hex(32))
    stored = store.secret_of(conn, site_id)
    assert stored is not None
    return stored


def _field(step: Decision, settings: SiteSettings, key: str, language: str) -> dict[str, Any]:
    ground = building.stated_ground(settings, step, language)
    until = building.object_until(settings, step.created_at)
    said: Mapping[str, Any] = {
        "kind": ground.kind.value,
        "name": ground.name,
        "provision": ground.provision,
        "text": ground.text,
        "category": ground.category,
        "keywords": list(ground.keywords),
    }
    return {
        "language": language,
        "ground": said,
        "object_until": until.isoformat(),
        "path": links.path(key, step.id, until),
    }
