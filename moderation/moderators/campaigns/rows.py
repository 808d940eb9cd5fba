"""Finds campaigns: by a text's keys, by a near copy, and for lists. Every look-up is bounded, however many copies a
campaign has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.engine import first_id_at
from moderation.ground.database.prepared import Prepared, built_once, filled
from moderation.ground.errors import NotFound
from moderation.ground.values.campaigns import Treatment
from moderation.ground.values.statuses import Action
from moderation.judging.text.contacts.shared_marks import MARK
from moderation.moderators.campaigns.tables import IS_TREATED, campaign_authors, campaign_keys, campaigns
from moderation.sites.tables import moderators
from moderation.spine.comments.tables import comments


@dataclass(frozen=True, slots=True)
class Campaign:
    id: str
    site_id: str
    copies: int
    authors: int
    first_at: datetime
    last_at: datetime
    treatment: Treatment | None  # perhaps over


@dataclass(frozen=True, slots=True)
class SeenTexts:
    """The texts that somebody read before they decided, by their fingerprints, and the contacts and domains in them."""

    prints: frozenset[int]
    marks: frozenset[int]


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key of a live campaign, with the fingerprint that it was made of."""

    fingerprint: int
    campaign_id: str
    treatment: Treatment | None
    is_seen: bool  # the campaign had it when a person decided the treatment
    seen: SeenTexts | None = None  # that the person was shown; None of a treatment by a version that did not keep them


@dataclass(frozen=True, slots=True)
class Near:
    """A comment that is a near copy of another."""

    author_id: str
    campaign_id: str | None


CAMPAIGN = sa.select(campaigns, moderators.c.name.label("treated_by")).outerjoin(
    moderators, moderators.c.id == campaigns.c.treatment_by
)
_TREATMENT = (
    campaigns.c.treatment,
    campaigns.c.treatment_reason,
    campaigns.c.treatment_until,
    moderators.c.name.label("treated_by"),
    campaigns.c.treatment_batch,
)
_IS_LIVE = campaigns.c.live_until > sa.bindparam("now", type_=campaigns.c.live_until.type)
_AUTHORS = (
    sa.select(campaign_authors.c.author_id)
    .where(
        campaign_authors.c.campaign_id == sa.bindparam("campaign_id"),
        campaign_authors.c.last_at >= sa.bindparam("since"),
    )
    .order_by(campaign_authors.c.last_at.desc())
    .limit(sa.bindparam("most"))
)

_NEAR = sa.select(comments.c.id, comments.c.author_id, comments.c.campaign_id).where(
    comments.c.id.in_(sa.bindparam("ids", expanding=True)), comments.c.id >= sa.bindparam("first")
)
PAGE = 500
PARTS = (8, 64, 200)  # keys in one statement: a few sizes only, as each is compiled once
NO_KEY = -1  # fills a statement up; no text has it


def known_by(conn: Connection, site_id: str, keys: Collection[int], *, now: datetime) -> dict[int, KnownKey]:
    """The keys among these that a live campaign of the site has."""
    known: dict[int, KnownKey] = {}
    for some in filled(sorted(keys), PARTS, NO_KEY):
        asked = {"site_id": site_id, "now": now, **{f"key_{place}": key for place, key in enumerate(some)}}
        for key, fingerprint, campaign_id, added_at, treated_at, seen, *treatment in _by_keys(len(some)).read(
            conn, asked
        ):
            is_seen = treated_at is not None and (added_at is None or added_at <= treated_at)
            known[key] = KnownKey(fingerprint, campaign_id, _treatment(*treatment), is_seen, seen_from(seen))
    return known


@built_once()  # compiling takes 0.6 to 1.7 ms
def _by_keys(count: int) -> Prepared:
    """The statement for so many keys."""
    return Prepared(
        sa.select(
            campaign_keys.c.key,
            campaign_keys.c.fingerprint,
            campaigns.c.id,
            campaign_keys.c.added_at,
            campaigns.c.treated_at,
            campaigns.c.seen,
            *_TREATMENT,
        )
        .join(campaigns, campaigns.c.id == campaign_keys.c.campaign_id)
        .outerjoin(moderators, moderators.c.id == campaigns.c.treatment_by)
        .where(
            campaign_keys.c.site_id == sa.bindparam("site_id"),
            campaign_keys.c.key.in_([sa.bindparam(f"key_{n}", type_=campaign_keys.c.key.type) for n in range(count)]),
            _IS_LIVE,
        )
    )


def authors_of(conn: Connection, campaign_id: str, *, since: datetime, most: int) -> set[str]:
    """Authors of the campaign with a copy after ``since``, at most ``most``."""
    named = {"campaign_id": campaign_id, "since": since, "most": most}
    return set(conn.execute(_AUTHORS, named).scalars())


def near(conn: Connection, comment_ids: Sequence[str], *, since: datetime) -> dict[str, Near]:
    """The comments by id: those that came after ``since``."""
    by_id: dict[str, Near] = {}
    for start in range(0, len(comment_ids), PAGE):
        named = {"ids": list(comment_ids[start : start + PAGE]), "first": first_id_at(since)}
        by_id |= {row.id: Near(row.author_id, row.campaign_id) for row in conn.execute(_NEAR, named)}
    return by_id


def live(conn: Connection, campaign_ids: Collection[str], *, now: datetime) -> list[Campaign]:
    """Those of the campaigns that a further copy still belongs to, oldest first."""
    if not campaign_ids:
        return []
    query = CAMPAIGN.where(campaigns.c.id.in_(campaign_ids), _IS_LIVE).order_by(campaigns.c.id)
    return [campaign_from(row) for row in conn.execute(query, {"now": now})]


def get(conn: Connection, campaign_id: str) -> Campaign:
    """Raises NotFound."""
    row = conn.execute(CAMPAIGN.where(campaigns.c.id == campaign_id)).one_or_none()
    if row is None:
        raise NotFound("campaign", campaign_id)
    return campaign_from(row)


def of_comment(conn: Connection, comment_id: str) -> Campaign | None:
    query = CAMPAIGN.join(comments, comments.c.campaign_id == campaigns.c.id).where(comments.c.id == comment_id)
    row = conn.execute(query).one_or_none()
    return campaign_from(row) if row else None


def treated(conn: Connection, site_ids: Sequence[str], *, now: datetime) -> list[Campaign]:
    """Campaigns with a treatment in force; the one that ends first comes first."""
    query = (
        CAMPAIGN.where(
            campaigns.c.site_id.in_(site_ids), sa.text(f"campaigns.{IS_TREATED}"), campaigns.c.treatment_until > now
        )
        .order_by(campaigns.c.treatment_until, campaigns.c.id)
        .limit(200)
    )
    return [campaign_from(row) for row in conn.execute(query)]


def treated_with(conn: Connection, site_ids: Sequence[str], batch_id: str) -> list[Campaign]:
    """Campaigns whose treatment was made together with the decisions of this batch."""
    query = CAMPAIGN.where(
        campaigns.c.site_id.in_(site_ids),
        sa.text(f"campaigns.{IS_TREATED}"),
        campaigns.c.treatment_until.is_not(None),
        campaigns.c.treatment_batch == batch_id,
    )
    return [campaign_from(row) for row in conn.execute(query)]


def texts_of(conn: Connection, campaign_id: str) -> set[int]:
    """The fingerprints by which the campaign finds the copies of its text: one for each text that is unlike those
    before."""
    here = sa.and_(campaign_keys.c.campaign_id == campaign_id, campaign_keys.c.key < MARK)
    return set(conn.execute(sa.select(campaign_keys.c.fingerprint).where(here).distinct()).scalars())


def campaign_from(row: Row[Any]) -> Campaign:
    treatment = (row.treatment, row.treatment_reason, row.treatment_until, row.treated_by, row.treatment_batch)
    return Campaign(row.id, row.site_id, row.copies, row.authors, row.first_at, row.last_at, _treatment(*treatment))


def seen_from(kept: Mapping[str, Sequence[int]] | None) -> SeenTexts | None:
    return None if kept is None else SeenTexts(frozenset(kept["texts"]), frozenset(kept["marks"]))


def _treatment(
    action: str | None, reason: str | None, until: datetime, by: str | None, batch_id: str | None
) -> Treatment | None:
    return None if action is None else Treatment(Action(action), reason, until, by or "the site", batch_id)
