"""The facts that a site sends of a comment's arrival: how long the author typed, their website, and their
address as a digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.ground.database.engine import first_id_at
from moderation.ground.database.prepared import Prepared, built_once
from moderation.ground.values.comments import Comment
from moderation.sites.tables import sites
from moderation.spine.comments.tables import HAS_ADDRESS, comment_facts, comments


@dataclass(frozen=True, slots=True)
class Arrival:
    """The digest of the address that a comment came from, the seconds that its author typed, and their website."""

    address: str | None = None
    typed_s: float | None = None
    website: str | None = None


UNKNOWN = Arrival()
PARTS = (1, 8, 32)  # comments in one statement: a few sizes only, as each is compiled once

_FACTS = sa.select(comment_facts).where(comment_facts.c.comment_id.in_(sa.bindparam("ids", expanding=True)))
_SECRET = sa.select(sites.c.address_secret).where(sites.c.id == sa.bindparam("site_id"))


def address_digest(conn: Connection, site_id: str, address: str) -> str:
    """The same for the same address of one site, and of use to nobody who lacks the site's secret."""
    return address_digester(conn, site_id)(address)


def address_digester(conn: Connection, site_id: str) -> Callable[[str], str]:
    """``address_digest`` for many addresses of a site."""
    secret = _secret(conn, site_id).encode()
    return lambda address: hmac.new(secret, address.encode(), hashlib.sha256).hexdigest()


def _secret(conn: Connection, site_id: str) -> str:
    """Made with the first address that a site sends."""
    known = conn.execute(_SECRET, {"site_id": site_id}).scalar_one()
    if known is None:
        lacks = sa.and_(sites.c.id == site_id, sites.c.address_secret.is_(None))
        conn.execute(sites.update().where(lacks).values(address_secret=secrets.token_hex(32)))
        known = conn.execute(_SECRET, {"site_id": site_id}).scalar_one()
    return str(known)


def insert_facts(conn: Connection, comment: Comment, arrival: Arrival) -> None:
    row = {"comment_id": comment.id, "site_id": comment.site_id, **asdict(arrival)}
    conn.execute(comment_facts.insert().values(**row))


def forget_typing(conn: Connection, comment_id: str) -> None:
    conn.execute(comment_facts.update().where(comment_facts.c.comment_id == comment_id).values(typed_s=None))


def facts_of(conn: Connection, ids: Sequence[str]) -> dict[str, Arrival]:
    """The facts, by comment. Those of which the site sent nothing are left out."""
    rows = conn.execute(_FACTS, {"ids": list(ids)})
    return {row.comment_id: Arrival(row.address, row.typed_s, row.website) for row in rows}


def count_recent(
    conn: Connection, arrived: Sequence[tuple[Comment, str | None]], *, within: timedelta, most: int
) -> dict[str, int]:
    """By id of each comment: earlier ones by the same author, or from the same address if one is given with it, in the
    time before it. Counting stops at ``most``."""
    counts: dict[str, int] = {}
    for has_address in (False, True):
        alike = [pair for pair in arrived if (pair[1] is not None) is has_address]
        for start in range(0, len(alike), PARTS[-1]):
            some = alike[start : start + PARTS[-1]]
            size = next(size for size in PARTS if size >= len(some))
            named: dict[str, object] = {"most": most}
            for place, (comment, address) in enumerate([*some, *[some[-1]] * (size - len(some))]):
                named |= _asked(place, comment, address, within)
            for place, count in _counts(size, has_address=has_address).read(conn, named):
                if place < len(some):
                    counts[some[place][0].id] = min(most, count)
    return counts


def _asked(place: int, comment: Comment, address: str | None, within: timedelta) -> dict[str, object]:
    asked: dict[str, object] = {
        f"author_{place}": comment.author_id,
        f"after_{place}": comment.posted_at - within,
        f"until_{place}": comment.posted_at,
        f"id_{place}": comment.id,
    }
    if address is not None:
        asked |= {
            f"site_{place}": comment.site_id,
            f"address_{place}": address,
            f"first_{place}": first_id_at(comment.received_at - within),
        }
    return asked


@built_once()  # compiling the largest takes 0.2 s
def _counts(size: int, *, has_address: bool) -> Prepared:
    """The statement for so many comments."""
    parts: list[sa.Select[Any]] = []
    for place in range(size):
        few = _by_author(place).subquery()
        if has_address:
            few = sa.union(sa.select(few), sa.select(_from_address(place).subquery())).subquery()
        number = sa.literal_column(str(place), sa.Integer).label("place")
        columns: list[sa.ColumnElement[Any]] = [number, sa.func.count().label("count")]
        parts.append(sa.select(*columns).select_from(few))
    return Prepared(union_of(parts))


def _by_author(place: int) -> sa.Select[Any]:
    return (
        sa.select(comments.c.id)
        .where(
            comments.c.author_id == sa.bindparam(f"author_{place}"),
            comments.c.posted_at > sa.bindparam(f"after_{place}"),
            comments.c.posted_at <= sa.bindparam(f"until_{place}"),
            comments.c.id < sa.bindparam(f"id_{place}"),
        )
        .limit(sa.bindparam("most"))
    )


def _from_address(place: int) -> sa.Select[Any]:
    return (
        sa.select(comment_facts.c.comment_id)
        .where(
            comment_facts.c.site_id == sa.bindparam(f"site_{place}"),
            comment_facts.c.address == sa.bindparam(f"address_{place}"),
            sa.text(HAS_ADDRESS),
            comment_facts.c.comment_id >= sa.bindparam(f"first_{place}"),
            comment_facts.c.comment_id < sa.bindparam(f"id_{place}"),
        )
        .limit(sa.bindparam("most"))
    )


def with_addresses(conn: Connection, before_id: str, *, after: str | None, limit: int) -> list[str]:
    """Comments that came before this id and still have a digest, in order of their ids."""
    column = comment_facts.c.comment_id
    query = sa.select(column).where(sa.text(HAS_ADDRESS), column < before_id).order_by(column).limit(limit)
    return list(conn.execute(query if after is None else query.where(column > after)).scalars())


def forget_addresses(conn: Connection, ids: Sequence[str]) -> None:
    conn.execute(comment_facts.update().where(comment_facts.c.comment_id.in_(ids)).values(address=None))
