"""Finds campaigns: by a text's keys, by a near copy, and for lists. Every look-up is bounded, however many copies a
campaign has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.alike_statements import union_of
from moderation.ground.database.engine import first_id_at, moment_of
from moderation.ground.database.prepared import Prepared, built_once, filled
from moderation.ground.errors import NotFound
from moderation.ground.values.campaigns import Treatment
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.judging.text.contacts.shared_marks import MARK
from moderation.moderators.campaigns.tables import IS_TREATED, campaign_authors, campaign_keys, campaigns
from moderation.sites.tables import moderators
from moderation.spine.comments.tables import IN_CAMPAIGN, comments


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
class Known:
    """A key of a live campaign, with the fingerprint that it was made of."""

    fingerprint: int
    campaign_id: str
    treatment: Treatment | None
    is_seen: bool  # the campaign had it when a person decided the treatment
    seen: SeenTexts | None = None  # that the person was shown; None of a treatment by a version that did not keep them


@dataclass(frozen=True, slots=True)
class Ticks:
    """The copies that a person chose on the campaign's page."""

    ticked: frozenset[str]
    listed: frozenset[str]  # with a box each
    more: bool  # also the copies of the text that the page did not list


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
_IS_OF_TEXT = comments.c.shares_only.is_not(True)
PAGE = 500
PARTS = (8, 64, 200)  # keys in one statement: a few sizes only, as each is compiled once
NO_KEY = -1  # fills a statement up; no text has it


def known_by(conn: Connection, site_id: str, keys: Collection[int], *, now: datetime) -> dict[int, Known]:
    """Those of the keys that a live campaign of the site has."""
    found: dict[int, Known] = {}
    for some in filled(sorted(keys), PARTS, NO_KEY):
        asked = {"site_id": site_id, "now": now, **{f"key_{place}": key for place, key in enumerate(some)}}
        for key, fingerprint, campaign_id, added_at, treated_at, seen, *treatment in _by_keys(len(some)).read(
            conn, asked
        ):
            is_seen = treated_at is not None and (added_at is None or added_at <= treated_at)
            found[key] = Known(fingerprint, campaign_id, _treatment(*treatment), is_seen, seen_from(seen))
    return found


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


def authors_before(conn: Connection, campaign_id: str, comment_id: str, *, since: datetime, most: int) -> set[str]:
    """Authors of copies that came after ``since`` and before this comment: those of the first ``most`` copies."""
    parts = [
        _copies(sa.select(comments.c.id, comments.c.author_id), campaign_id, status)
        .where(comments.c.id >= first_id_at(since), comments.c.id < comment_id)
        .order_by(comments.c.id)
        .limit(most)
        for status in CommentStatus
    ]
    return {row.author_id for row in conn.execute(union_of(parts))}


def near(conn: Connection, comment_ids: Sequence[str], *, since: datetime) -> dict[str, Near]:
    """By id: those that came after ``since``."""
    found: dict[str, Near] = {}
    for start in range(0, len(comment_ids), PAGE):
        named = {"ids": list(comment_ids[start : start + PAGE]), "first": first_id_at(since)}
        found |= {row.id: Near(row.author_id, row.campaign_id) for row in conn.execute(_NEAR, named)}
    return found


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


def count(
    conn: Connection, campaign_id: str, status: CommentStatus, *, at_most: int, shares_only: bool | None = None
) -> int:
    """Copies with this status: all, those of the text, or those that share a contact or a domain alone. Counting stops
    at ``at_most``."""
    query = _copies(sa.select(sa.literal(1)), campaign_id, status)
    if shares_only is not None:
        query = query.where(comments.c.shares_only.is_(True) if shares_only else _IS_OF_TEXT)
    few = query.limit(at_most).subquery()
    return conn.execute(sa.select(sa.func.count()).select_from(few)).scalar_one()


def count_since(conn: Connection, campaign_id: str, since: datetime, *, at_most: int) -> int:
    """Copies that came after ``since``, in any status. Counting stops at ``at_most``."""
    few = union_of(
        [
            _copies(sa.select(comments.c.id), campaign_id, status)
            .where(comments.c.id >= first_id_at(since))
            .order_by(comments.c.id.desc())
            .limit(at_most)
            for status in CommentStatus
        ]
    ).subquery()
    return min(at_most, conn.execute(sa.select(sa.func.count()).select_from(few)).scalar_one())


def _copies(query: sa.Select[Any], campaign_id: str, status: CommentStatus) -> sa.Select[Any]:
    return query.where(comments.c.campaign_id == campaign_id, sa.text(IN_CAMPAIGN), comments.c.status == status)


def ids(
    conn: Connection,
    campaign_id: str,
    status: CommentStatus,
    *,
    after: str | None,
    until: str,
    limit: int,
    ticks: Ticks | None = None,
    shares_too: bool = False,
) -> list[tuple[str, int]]:
    """(id, version) of copies with this status in the order of arrival, after one id and up to another: those that
    ``ticks`` choose, or else all of the text, and with ``shares_too`` those that share a contact or a domain alone.

    A comment that has changed since the id ``until`` was made is left out: it may have another text, or have come into
    the campaign since.
    """
    seen = sa.and_(comments.c.id <= until, comments.c.updated_at <= moment_of(until))
    query = _copies(sa.select(comments.c.id, comments.c.version), campaign_id, status).where(seen)
    if ticks is not None:
        query = query.where(_chosen(ticks))
    elif not shares_too:
        query = query.where(_IS_OF_TEXT)
    if after is not None:
        query = query.where(comments.c.id > after)
    return [(row.id, row.version) for row in conn.execute(query.order_by(comments.c.id).limit(limit))]


def _chosen(ticks: Ticks) -> sa.ColumnElement[bool]:
    is_ticked = comments.c.id.in_(ticks.ticked)
    return sa.or_(is_ticked, sa.and_(_IS_OF_TEXT, comments.c.id.not_in(ticks.listed))) if ticks.more else is_ticked


def among(conn: Connection, campaign_id: str, comment_ids: Collection[str]) -> frozenset[str]:
    """Those of the comments that are in the campaign."""
    found: set[str] = set()
    for start in range(0, len(ids := sorted(comment_ids)), PAGE):
        here = sa.and_(comments.c.id.in_(ids[start : start + PAGE]), comments.c.campaign_id == campaign_id)
        found |= set(conn.execute(sa.select(comments.c.id).where(here)).scalars())
    return frozenset(found)


def oldest_ids(conn: Connection, campaign_id: str) -> list[str]:
    """The oldest copy of the text, or else the oldest comment."""
    parts = [
        _copies(sa.select(comments.c.id, comments.c.shares_only), campaign_id, status)
        .where(which)
        .order_by(comments.c.id)
        .limit(1)
        for status in CommentStatus
        for which in (_IS_OF_TEXT, comments.c.shares_only.is_(True))
    ]
    found = sorted((bool(row.shares_only), row.id) for row in conn.execute(union_of(parts)))
    return [id for _shares_only, id in found[:1]]


def texts_of(conn: Connection, campaign_id: str) -> set[int]:
    """The fingerprints by which the campaign finds the copies of its text: one for each text that is unlike those
    before."""
    here = sa.and_(campaign_keys.c.campaign_id == campaign_id, campaign_keys.c.key < MARK)
    return set(conn.execute(sa.select(campaign_keys.c.fingerprint).where(here).distinct()).scalars())


def sharing_only(conn: Connection, comment_ids: Sequence[str]) -> set[str]:
    """Those of the comments that are in their campaign for a contact or a domain alone."""
    query = sa.select(comments.c.id).where(comments.c.id.in_(comment_ids), comments.c.shares_only.is_(True))
    return set(conn.execute(query).scalars())


def first_ids(conn: Connection, campaign_id: str, *, each: int) -> list[str]:
    """The first copies of each status, those that wait before all others."""
    order = (CommentStatus.FLAGGED, CommentStatus.PUBLISHED, CommentStatus.REJECTED, CommentStatus.WITHDRAWN)
    parts = [
        _copies(sa.select(comments.c.id, comments.c.status), campaign_id, status).order_by(comments.c.id).limit(each)
        for status in order
    ]
    found = sorted((order.index(CommentStatus(row.status)), row.id) for row in conn.execute(union_of(parts)))
    return [id for _place, id in found]


def newest_ids(conn: Connection, campaign_id: str, status: CommentStatus, *, limit: int) -> list[str]:
    query = _copies(sa.select(comments.c.id), campaign_id, status).order_by(comments.c.id.desc()).limit(limit)
    return list(conn.execute(query).scalars())


def campaign_from(row: Row[Any]) -> Campaign:
    treatment = (row.treatment, row.treatment_reason, row.treatment_until, row.treated_by, row.treatment_batch)
    return Campaign(row.id, row.site_id, row.copies, row.authors, row.first_at, row.last_at, _treatment(*treatment))


def seen_from(kept: Mapping[str, Sequence[int]] | None) -> SeenTexts | None:
    return None if kept is None else SeenTexts(frozenset(kept["texts"]), frozenset(kept["marks"]))


def _treatment(
    action: str | None, reason: str | None, until: datetime, by: str | None, batch_id: str | None
) -> Treatment | None:
    return None if action is None else Treatment(Action(action), reason, until, by or "the site", batch_id)
