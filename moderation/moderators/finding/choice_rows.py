"""The languages and sections by which past comments can be narrowed."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.spine.articles import section_rows
from moderation.spine.comments.scoring_rows import JUDGED_IN
from moderation.spine.comments.tables import BY_PEOPLE, EVER, comments, decisions

RECENT = 2_000  # comments of each site, the newest, and as many that moderators decided last
MOST = 100  # sections of each site


def languages(conn: Connection, site_ids: Sequence[str]) -> set[str]:
    """The base codes of those in which the sites' newest comments were judged."""
    codes: set[str] = set()
    for site_id in site_ids:
        newest = sa.select(comments.c.id).where(comments.c.site_id == site_id, sa.text(EVER))
        decided = sa.select(decisions.c.comment_id).where(decisions.c.site_id == site_id, sa.text(BY_PEOPLE))
        for walk in (newest.order_by(comments.c.id.desc()), decided.order_by(decisions.c.id.desc())):
            ids = walk.limit(RECENT).subquery()
            among = sa.select(JUDGED_IN).where(comments.c.id.in_(sa.select(ids))).distinct()
            codes |= set(conn.execute(among).scalars())
    return codes


def sections(conn: Connection, site_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """All spellings of each section of the sites' articles, by the first of them."""
    spelt: dict[str, list[str]] = {}
    for section in sorted({name for site_id in site_ids for name in section_rows.sections(conn, site_id, limit=MOST)}):
        spelt.setdefault(section.casefold(), []).append(section)
    return {spellings[0]: tuple(spellings) for spellings in spelt.values()}
