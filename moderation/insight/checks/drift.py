"""Puts a site's house model back into the shadow where people find its errors above the site's wish, for good.

For good means: on three days in a row, the whole interval of the error lies above the wish, from at least fifty checks
of comments that a policy with a rule on the model decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from moderation.ground.database.engine import Database
from moderation.ground.errors import StalePolicy
from moderation.ground.estimates import Share
from moderation.ground.values.policies import Override, Policy, Rule
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import rows as checks
from moderation.insight.checks.error_rates import WINDOW, errors
from moderation.insight.checks.rows import Check
from moderation.judging.policy import documents
from moderation.judging.signals.house import HOUSE
from moderation.sites import policy_versions
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit import writing as audit_writing
from moderation.sites.rows import PolicyRow
from moderation.sites.settings.values import SiteSettings

FEWEST = 50
DAYS = 3
NOTE = "The house model went back into the shadow: people found its errors above the wish."
VERSIONS = 100  # of a policy that are looked at


@dataclass(frozen=True, slots=True)
class PutBack:
    """Why, and by which version of the policy."""

    site_id: str
    version: int
    verdict: CommentStatus
    error: Share
    wish: float


def guard(db: Database, *, now: datetime) -> list[PutBack]:
    """Looks at every site, and puts models back. A policy that somebody saves at this moment is looked at next time."""
    with db.read() as conn:
        every = sites.all_sites(conn)
    put_back = []
    for site in every:
        with db.read() as conn:
            current = sites.current_policy(conn, site.id)
            drifted = _drifted(conn, site.id, site.settings, now) if uses_it(current) else None
        if drifted is None:
            continue
        try:
            put_back.append(_put_back(db, site.id, current, drifted, now))
        except (StalePolicy, IntegrityError):
            continue
    return put_back


def uses_it(row: PolicyRow) -> bool:
    """Whether a rule of this version looks at the house model."""
    policy = documents.parse(row.document, row.version)
    rules = [*policy.rules, *(r for o in _overrides(policy) for r in o.rules)]
    return any(HOUSE.name in rule.signals for rule in rules)


def is_put_back(row: PolicyRow) -> bool:
    """Whether the version was saved by this guard, and no other since."""
    return row.note == NOTE and row.created_by == str(actors.SYSTEM)


def without_it(policy: Policy) -> Policy:
    """The policy without any rule on the house model, alone or beside others."""
    return replace(
        policy,
        rules=_rules_without_it(policy.rules),
        required=policy.required - {HOUSE.name},
        sections=_overrides_without_it(policy.sections),
        articles=_overrides_without_it(policy.articles),
    )


def _drifted(
    conn: Connection, site_id: str, settings: SiteSettings, now: datetime
) -> tuple[CommentStatus, Share, float] | None:
    since = _in_use_since(sites.policy_versions(conn, site_id, limit=VERSIONS))
    drawn = [c for c in checks.since(conn, site_id, now - WINDOW) if (c.policy_version or 0) >= since]
    wishes = {
        CommentStatus.PUBLISHED: settings.most_wrong_published,
        CommentStatus.REJECTED: settings.most_wrong_rejected,
    }
    for verdict, wish in wishes.items():
        if all(_is_above(_error(drawn, verdict, now - timedelta(days=ago)), wish) for ago in range(DAYS)):
            error = _error(drawn, verdict, now)
            assert error is not None
            return verdict, error, wish
    return None


def _in_use_since(newest_first: Sequence[PolicyRow]) -> int:
    """The first version of the newest ones in a row that use the model."""
    since = newest_first[0].version
    for row in newest_first:
        if not uses_it(row):
            break
        since = row.version
    return since


def _error(drawn: Iterable[Check], verdict: CommentStatus, at: datetime) -> Share | None:
    """The error as it was known at that time."""
    known = (c for c in drawn if c.verdict is verdict and c.decided_at is not None and c.decided_at <= at)
    return errors(known).get(verdict)


def _is_above(error: Share | None, wish: float) -> bool:
    return error is not None and error.count >= FEWEST and error.low > wish


def _put_back(
    db: Database,
    site_id: str,
    current: PolicyRow,
    drifted: tuple[CommentStatus, Share, float],
    now: datetime,
) -> PutBack:
    """Raises StalePolicy and IntegrityError where somebody else saves a version at this moment."""
    document = documents.dump(without_it(documents.parse(current.document, current.version)))
    expected, by = current.version, actors.SYSTEM
    with db.write() as conn:
        saved = policy_versions.replace_in(conn, site_id, document, expected=expected, by=by, now=now, note=NOTE)
        put_back = PutBack(site_id, saved.version, *drifted)
        subject, figures = f"{HOUSE.name}, policy version {saved.version}", _figures(put_back)
        audit_writing.note(conn, by, "model.put_back", site_id=site_id, subject=subject, after=figures, now=now)
    return put_back


def _figures(put_back: PutBack) -> Mapping[str, Any]:
    error = put_back.error
    shares = {"error": error.share, "low": error.low, "high": error.high}
    rounded = {name: round(share, 4) for name, share in shares.items()}
    return {"verdict": put_back.verdict, **rounded, "checks": error.count, "wish": put_back.wish}


def _overrides(policy: Policy) -> list[Override]:
    return [*policy.sections.values(), *policy.articles.values()]


def _rules_without_it(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if HOUSE.name not in rule.signals)


def _overrides_without_it(overrides: Mapping[str, Override]) -> dict[str, Override]:
    return {
        name: Override(_rules_without_it(override.rules), override.without - {HOUSE.name})
        for name, override in overrides.items()
    }
