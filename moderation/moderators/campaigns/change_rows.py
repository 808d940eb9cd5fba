"""Changes campaigns: a new one, a further copy, a copy that goes.

Counts change by steps in SQL. Everybody locks their own comments first, then all campaigns that they may change, in the
order of their ids, then the authors of each; further comments are only taken in where nobody holds them. So workers at
the same campaigns wait for each other, lose nothing and cannot block each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at, new_id
from moderation.ground.values.campaigns import Treatment
from moderation.moderators.campaigns.rows import SeenTexts
from moderation.moderators.campaigns.tables import campaign_authors, campaign_keys, campaigns
from moderation.spine.comments.tables import comments

KEYS = 0x6B657973  # any constant: it keeps this lock apart from others that are named by a site

_authors, _keys = campaign_authors.c, campaign_keys.c
_moment = campaigns.c.last_at.type

# Made once: a worker runs them for each copy
_GIVE_UP = campaign_keys.delete().where(
    _keys.site_id == sa.bindparam("of_site"),
    _keys.key.in_(sa.bindparam("keys", expanding=True)),
    sa.select(campaigns.c.id)
    .where(campaigns.c.id == _keys.campaign_id, campaigns.c.live_until <= sa.bindparam("now", type_=_moment))
    .exists(),
)
_ADD_KEYS_SQLITE = sqlite.insert(campaign_keys).on_conflict_do_nothing(index_elements=["site_id", "key"])
_ADD_KEYS_POSTGRESQL = postgresql.insert(campaign_keys).on_conflict_do_nothing(index_elements=["site_id", "key"])
_TAKE_IN = (
    comments.update()
    .where(
        comments.c.id.in_(sa.bindparam("ids", expanding=True)),
        comments.c.campaign_id.is_(None),
        comments.c.id >= sa.bindparam("first_id"),
    )
    .values(campaign_id=sa.bindparam("campaign"), shares_only=sa.bindparam("shares"))
    .returning(comments.c.author_id, comments.c.received_at)
)
_OF_TEXT = (
    comments.update()
    .where(
        comments.c.id.in_(sa.bindparam("ids", expanding=True)),
        comments.c.campaign_id == sa.bindparam("campaign"),
        comments.c.shares_only.is_(True),
    )
    .values(shares_only=False)
)
_HELD = (
    sa.select(campaigns.c.id)
    .where(campaigns.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(campaigns.c.id)
    .with_for_update()  # also against those that would still refer to one that is about to go
)
_FREE = (
    sa.select(comments.c.id)
    .where(comments.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(comments.c.id)
    .with_for_update(key_share=True, skip_locked=True)
)
_ALONE = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("site_id"), KEYS)))
_HERE = campaigns.update().where(campaigns.c.id == sa.bindparam("campaign"))
_FIRST, _LAST, _LIVE = (sa.bindparam(name, type_=_moment) for name in ("first", "last", "live"))
_COUNT = _HERE.values(
    copies=campaigns.c.copies + sa.bindparam("more"),
    first_at=sa.case((campaigns.c.first_at > _FIRST, _FIRST), else_=campaigns.c.first_at),
    last_at=sa.case((campaigns.c.last_at < _LAST, _LAST), else_=campaigns.c.last_at),
    live_until=sa.case((campaigns.c.live_until < _LIVE, _LIVE), else_=campaigns.c.live_until),
)
_COUNT_AUTHORS = _HERE.values(authors=campaigns.c.authors + sa.bindparam("more"))
_IN_CAMPAIGN = _authors.campaign_id == sa.bindparam("campaign")
_KNOWN_AUTHORS = sa.select(_authors.author_id).where(
    _IN_CAMPAIGN, _authors.author_id.in_(sa.bindparam("authors", expanding=True))
)
_MORE_OF_AUTHOR = (
    campaign_authors.update()
    .where(_IN_CAMPAIGN, _authors.author_id == sa.bindparam("author"))
    .values(copies=_authors.copies + sa.bindparam("more"), last_at=sa.bindparam("last"))
)


def add_keys_alone(conn: Connection, site_ids: Collection[str]) -> None:
    """Until this transaction ends, no other adds keys at these sites: of two that add the same keys in another order,
    each would wait for the other. SQLite has one writer anyway."""
    for site_id in sorted(site_ids) if conn.dialect.name == "postgresql" else ():
        conn.execute(_ALONE, {"site_id": site_id})


def hold(conn: Connection, campaign_ids: Collection[str]) -> set[str]:
    """Locks the campaigns, in the order in which everybody does. Returns those that are still there."""
    return set(conn.execute(_HELD, {"ids": list(campaign_ids)}).scalars()) if campaign_ids else set()


def campaigns_of(conn: Connection, comment_ids: Collection[str]) -> set[str]:
    """The campaigns that these comments are in."""
    of_one = sa.and_(comments.c.id.in_(comment_ids), comments.c.campaign_id.is_not(None))
    return set(conn.execute(sa.select(comments.c.campaign_id).where(of_one)).scalars()) if comment_ids else set()


def free(conn: Connection, comment_ids: Collection[str]) -> set[str]:
    """Locks those of the comments that no other transaction holds, and returns them."""
    return set(conn.execute(_FREE, {"ids": list(comment_ids)}).scalars()) if comment_ids else set()


def make(conn: Connection, site_id: str, *, at: datetime, live_until: datetime) -> str:
    """Makes a campaign without copies yet; ``at`` is when one of them came. Returns its id."""
    id = new_id()
    moments = {"first_at": at, "last_at": at, "live_until": live_until}
    conn.execute(campaigns.insert(), {"id": id, "site_id": site_id, "copies": 0, "authors": 0, **moments})
    return id


def add_keys(
    conn: Connection,
    campaign_id: str,
    site_id: str,
    comment_id: str,
    prints: Collection[tuple[int, int]],
    now: datetime,
) -> None:
    """(key, fingerprint) of one copy. A key that another live campaign has stays there; a dead one gives it up.

    In order, so that of two workers with the same text the second waits until the first has finished.
    """
    conn.execute(_GIVE_UP, {"of_site": site_id, "keys": [key for key, _ in prints], "now": now})
    row = {"site_id": site_id, "campaign_id": campaign_id, "comment_id": comment_id, "added_at": now}
    rows = [{**row, "key": key, "fingerprint": mark} for key, mark in sorted(prints)]
    conn.execute(_ADD_KEYS_SQLITE if conn.dialect.name == "sqlite" else _ADD_KEYS_POSTGRESQL, rows)


def add_copies(
    conn: Connection,
    campaign_id: str,
    site_id: str,
    copies: Sequence[str],
    sharing: Sequence[str],
    *,
    since: datetime,
    live_until: datetime,
) -> int:
    """Takes in those comments that are in no campaign and came after ``since``. Returns how many. ``copies`` have a
    text of the campaign, ``sharing`` only a contact or a domain, as far as was known until now."""
    asked = {"campaign": campaign_id, "first_id": first_id_at(since)}
    taken = [
        row
        for ids, shares in ((copies, False), (sharing, True))
        if ids
        for row in conn.execute(_TAKE_IN, {**asked, "ids": list(ids), "shares": shares})
    ]
    if copies:
        conn.execute(_OF_TEXT, {"campaign": campaign_id, "ids": list(copies)})
    if not taken:
        return 0
    moments = [row.received_at for row in taken]
    named = {"campaign": campaign_id, "more": len(taken), "live": live_until}
    conn.execute(_COUNT, {**named, "first": min(moments), "last": max(moments)})
    fresh = _add_authors(conn, campaign_id, site_id, Counter(row.author_id for row in taken), max(moments))
    if fresh:
        conn.execute(_COUNT_AUTHORS, {"campaign": campaign_id, "more": fresh})
    return len(taken)


def _add_authors(conn: Connection, campaign_id: str, site_id: str, copies: Counter[str], last: datetime) -> int:
    """Returns how many of them are new to the campaign. Its row is locked meanwhile."""
    asked = {"campaign": campaign_id, "authors": list(copies)}
    known = set(conn.execute(_KNOWN_AUTHORS, asked).scalars())
    more = [{"campaign": campaign_id, "author": id, "more": copies[id], "last": last} for id in sorted(known)]
    if more:
        conn.execute(_MORE_OF_AUTHOR, more)
    fresh = sorted(copies.keys() - known)
    row = {"campaign_id": campaign_id, "site_id": site_id, "last_at": last}
    if fresh:
        conn.execute(campaign_authors.insert(), [{**row, "author_id": id, "copies": copies[id]} for id in fresh])
    return len(fresh)


def leave(conn: Connection, comment_ids: Sequence[str]) -> set[str]:
    """Takes comments out of their campaigns, and deletes a campaign that has no copies left. Returns those deleted."""
    in_one = sa.and_(comments.c.id.in_(comment_ids), comments.c.campaign_id.is_not(None))
    query = sa.select(comments.c.id, comments.c.campaign_id, comments.c.author_id).where(in_one)
    gone = conn.execute(query.order_by(comments.c.id).with_for_update(key_share=True)).all()
    if not gone:
        return set()
    of_campaigns = sorted({row.campaign_id for row in gone})
    hold(conn, of_campaigns)
    conn.execute(campaign_keys.delete().where(campaign_keys.c.comment_id.in_([row.id for row in gone])))
    conn.execute(
        comments.update().where(comments.c.id.in_([row.id for row in gone])).values(campaign_id=None, shares_only=None)
    )
    for campaign_id in of_campaigns:
        _count_down(conn, campaign_id, Counter(row.author_id for row in gone if row.campaign_id == campaign_id))
    return {id for id in of_campaigns if _deleted_if_empty(conn, id)}


def _count_down(conn: Connection, campaign_id: str, authors: Counter[str]) -> None:
    at = campaigns.c
    here = campaigns.update().where(at.id == campaign_id)
    conn.execute(here.values(copies=at.copies - authors.total()))
    for author_id, copies in sorted(authors.items()):
        condition = sa.and_(_authors.campaign_id == campaign_id, _authors.author_id == author_id)
        conn.execute(campaign_authors.update().where(condition).values(copies=_authors.copies - copies))
    none_left = sa.and_(_authors.campaign_id == campaign_id, _authors.author_id.in_(authors), _authors.copies <= 0)
    fewer = conn.execute(campaign_authors.delete().where(none_left)).rowcount
    conn.execute(here.values(authors=at.authors - fewer))


def _deleted_if_empty(conn: Connection, campaign_id: str) -> bool:
    empty = sa.and_(campaigns.c.id == campaign_id, campaigns.c.copies == 0)
    if conn.execute(sa.select(campaigns.c.id).where(empty)).one_or_none() is None:
        return False
    for table in (campaign_authors, campaign_keys):
        conn.execute(table.delete().where(table.c.campaign_id == campaign_id))
    conn.execute(campaigns.delete().where(empty))
    return True


def treat(
    conn: Connection,
    campaign_id: str,
    treatment: Treatment | None,
    moderator_id: str | None,
    *,
    seen_at: datetime,
    seen: SeenTexts | None = None,
    batch_id: str | None = None,
) -> None:
    """Decides later near copies of the texts in ``seen``, or of all that were there at ``seen_at``; None ends that. The
    campaign lives at least as long."""
    at = campaigns.c
    values: dict[str, Any] = {
        "treatment": treatment.action if treatment else None,
        "treatment_reason": treatment.reason if treatment else None,
        "treatment_until": treatment.until if treatment else None,
        "treated_at": seen_at if treatment else None,
        "seen": {"texts": sorted(seen.prints), "marks": sorted(seen.marks)} if treatment and seen else sa.null(),
        "treatment_by": moderator_id if treatment else None,
        "treatment_batch": batch_id if treatment else None,
    }
    if treatment:
        values["live_until"] = sa.case((at.live_until < treatment.until, treatment.until), else_=at.live_until)
    conn.execute(campaigns.update().where(at.id == campaign_id).values(**values))
