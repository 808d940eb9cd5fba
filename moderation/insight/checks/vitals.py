"""The figures of the checks for operators: how many wait, errors beside wishes, and models that were put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.errors import NotFound
from moderation.ground.estimates import Share
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import drift
from moderation.insight.checks import rows as checks
from moderation.insight.checks.error_rates import WINDOW, rates_of
from moderation.sites import rows as sites
from moderation.sites.rows import Site


@dataclass(frozen=True, slots=True)
class SiteChecks:
    """Of one site."""

    site: str
    waiting: int  # for a person to judge
    errors: Mapping[CommentStatus, Share]  # by verdict, those that were checked
    wishes: Mapping[CommentStatus, float]
    is_put_back: bool  # the house model, and no policy was saved since


def of_sites(conn: Connection, *, now: datetime) -> list[SiteChecks]:
    """Of every site, in the order of their names."""
    return [_of_site(conn, site, now) for site in sites.all_sites(conn)]


def put_back_on(conn: Connection, site_ids: tuple[str, ...]) -> list[str]:
    """The names of those sites whose house model was put back."""
    policies = sites.current_policies(conn, site_ids)
    put_back = {site_id for site_id, policy in policies.items() if drift.is_put_back(policy)}
    return [site.name for site in sites.all_sites(conn) if site.id in put_back] if put_back else []


def _of_site(conn: Connection, site: Site, now: datetime) -> SiteChecks:
    rates = rates_of(checks.since(conn, site.id, now - WINDOW), now=now)
    wishes = {
        CommentStatus.PUBLISHED: site.settings.most_wrong_published,
        CommentStatus.REJECTED: site.settings.most_wrong_rejected,
    }
    return SiteChecks(site.name, rates.waiting, rates.errors, wishes, _is_put_back(conn, site.id))


def _is_put_back(conn: Connection, site_id: str) -> bool:
    try:
        return drift.is_put_back(sites.current_policy(conn, site_id))
    except NotFound:  # a site that is being made
        return False
