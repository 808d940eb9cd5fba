"""Lists campaigns, by their newest copy or by their size, all of them or those that somebody searches for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.moderators.campaigns.rows import CAMPAIGN, Campaign, campaign_from
from moderation.moderators.campaigns.tables import IS_LISTED, campaign_authors, campaigns
from moderation.moderators.finding import search_rows as search
from moderation.spine.comments.tables import comments

MATCHES = 2_000  # comments with the words that are looked at, the newest
NAMESAKES = 50  # authors of the name that are looked at
OF_AUTHORS = 500  # campaigns of these authors that are looked at


class CampaignOrder(StrEnum):
    NEWEST = "newest"
    LARGEST = "largest"


@dataclass(frozen=True, slots=True)
class After:
    """The last campaign of the page above."""

    at: datetime | int  # its newest copy, or its size
    id: str


def page(
    conn: Connection,
    site_ids: Sequence[str],
    order: CampaignOrder = CampaignOrder.NEWEST,
    *,
    after: After | None,
    limit: int,
    among: Collection[str] | None = None,
) -> list[Campaign]:
    """Those with the newest copies first, or the largest. ``among`` are the ids to choose from, if not all."""
    if not site_ids or (among is not None and not among):
        return []
    by = campaigns.c.copies if order is CampaignOrder.LARGEST else campaigns.c.last_at
    parts = []
    for site_id in site_ids:
        query = CAMPAIGN.where(campaigns.c.site_id == site_id, sa.text(IS_LISTED))
        if among is not None:
            query = query.where(campaigns.c.id.in_(among))
        if after is not None:
            last = (sa.bindparam(None, after.at, by.type), sa.bindparam(None, after.id, campaigns.c.id.type))
            query = query.where(sa.tuple_(by, campaigns.c.id) < sa.tuple_(*last))
        parts.append(query.order_by(by.desc(), campaigns.c.id.desc()).limit(limit))
    listed = [campaign_from(row) for row in conn.execute(union_of(parts))]
    return sorted(listed, key=lambda campaign: (_place(campaign, order), campaign.id), reverse=True)[:limit]


def after(last: Campaign, order: CampaignOrder) -> After:
    return After(last.copies if order is CampaignOrder.LARGEST else last.last_at, last.id)


def with_words(conn: Connection, site_ids: Sequence[str], typed: str) -> tuple[set[str], bool]:
    """The ids of campaigns in which a copy has all these words or an author has this name, and whether all copies with
    the words were looked at, or the newest MATCHES alone."""
    ids = search.ids_with(conn, site_ids, typed, limit=MATCHES + 1)
    of_copies = sa.select(comments.c.campaign_id).where(
        comments.c.id.in_(ids[:MATCHES]), comments.c.campaign_id.is_not(None)
    )
    named = [author.id for author in search.authors_named(conn, site_ids, typed.strip(), limit=NAMESAKES)]
    of_authors = sa.select(campaign_authors.c.campaign_id).where(campaign_authors.c.author_id.in_(named))
    matches = set(conn.execute(of_copies.distinct()).scalars())
    matches |= set(conn.execute(of_authors.order_by(campaign_authors.c.campaign_id.desc()).limit(OF_AUTHORS)).scalars())
    return matches, len(ids) <= MATCHES


def _place(campaign: Campaign, order: CampaignOrder) -> float:
    return campaign.copies if order is CampaignOrder.LARGEST else campaign.last_at.timestamp()
