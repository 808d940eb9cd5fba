"""The facts of a new site: which steps of setting it up are done, from the database alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.insight.learning.shadows.tables import shadows
from moderation.judging.signals.model_signals import LANGUAGE_SUPPORTED
from moderation.sites.people.tables import invitations
from moderation.sites.settings import json_column
from moderation.sites.settings.rejection_reasons import DEFAULT_REASONS
from moderation.sites.settings.values import SiteSettings
from moderation.sites.tables import api_keys, memberships, policies, sites
from moderation.spine.comments.tables import BY_PEOPLE, EVER, IN_QUEUE, comments, decisions


class StartStep(StrEnum):
    """In the order in which a newsroom takes them."""

    KEY = "key"  # a key works with which the site can post
    COMMENT = "comment"  # the first comment came
    WEBHOOK = "webhook"  # the site hears of decisions by a webhook or by its Coral
    REASONS = "reasons"  # the site has its own, or moderators give those that come with Gavel
    LANGUAGES = "languages"  # a lead chose, or comments come and none waits for its language
    LIMITS = "limits"  # a lead saved a policy, or tries one in the shadow
    COLLEAGUES = "colleagues"  # somebody else has a role or an invitation


@dataclass(frozen=True, slots=True)
class Start:
    """How far a site is set up."""

    site_id: str
    name: str
    created_at: datetime
    done: frozenset[StartStep]

    @property
    def steps(self) -> int:
        """Done or not."""
        return len(StartStep)

    @property
    def is_over(self) -> bool:
        return len(self.done) == self.steps


def starts(conn: Connection, site_ids: Sequence[str], *, now: datetime) -> list[Start]:
    """Of these sites, in the order of their names."""
    if not site_ids:
        return []
    rows = conn.execute(_FACTS, {"site_ids": list(site_ids), "now": now})
    return [Start(row.id, row.name, row.created_at, frozenset(_done(row))) for row in rows]


def _done(row: Any) -> set[StartStep]:
    settings = json_column.parse(row.settings)
    facts = {
        StartStep.KEY: row.has_key,
        StartStep.COMMENT: row.has_comment,
        StartStep.WEBHOOK: settings.webhook_url or settings.coral_url,
        StartStep.REASONS: _has_own_reasons(settings) or row.gives_reasons,
        StartStep.LANGUAGES: _has_chosen(settings) or (row.has_comment and not row.waits_for_language),
        StartStep.LIMITS: (row.policy_version or 0) > 1 or row.has_shadow,
        StartStep.COLLEAGUES: row.people > 1 or row.has_invitation,
    }
    return {step for step, is_done in facts.items() if is_done}


def _has_own_reasons(settings: SiteSettings) -> bool:
    return settings.rejection_reasons != DEFAULT_REASONS or bool(settings.reason_details)


def _has_chosen(settings: SiteSettings) -> bool:
    return bool(settings.trusted_languages or settings.held_languages)


_NOW = sa.bindparam("now", type_=api_keys.c.created_at.type)
_HERE = sites.c.id
_FACTS = (
    sa.select(
        sites,
        sa.exists()
        .where(
            api_keys.c.site_id == _HERE,
            api_keys.c.revoked_at.is_(None),
            sa.or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > _NOW),
        )
        .label("has_key"),
        sa.exists().where(comments.c.site_id == _HERE, sa.text(f"comments.{EVER}")).label("has_comment"),
        sa.exists()
        .where(decisions.c.site_id == _HERE, sa.text(f"decisions.{BY_PEOPLE}"), decisions.c.category.is_not(None))
        .label("gives_reasons"),
        sa.exists()
        .where(comments.c.site_id == _HERE, sa.text(IN_QUEUE), comments.c.flagged_for == LANGUAGE_SUPPORTED.name)
        .label("waits_for_language"),
        sa.select(sa.func.max(policies.c.version))
        .where(policies.c.site_id == _HERE)
        .scalar_subquery()
        .label("policy_version"),
        sa.exists().where(shadows.c.site_id == _HERE).label("has_shadow"),
        sa.select(sa.func.count()).where(memberships.c.site_id == _HERE).scalar_subquery().label("people"),
        sa.exists()
        .where(invitations.c.site_id == _HERE, invitations.c.used_at.is_(None), invitations.c.expires_at > _NOW)
        .label("has_invitation"),
    )
    .where(_HERE.in_(sa.bindparam("site_ids", expanding=True)))
    .order_by(sites.c.name)
)
