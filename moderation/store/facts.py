"""The facts that a site sends of a comment's arrival: how long the author typed, and their address as a digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.model.comments import Comment
from moderation.schema import HAS_ADDRESS, comment_facts, comments, sites
from moderation.store.database import first_id_at


@dataclass(frozen=True, slots=True)
class Arrival:
    """The digest of the address that a comment came from, and the seconds that its author typed."""

    address: str | None = None
    typed_s: float | None = None


UNKNOWN = Arrival()

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


def insert_facts(conn: Connection, comment: Comment, *, address: str | None, typed_s: float | None) -> None:
    """``address`` is a digest already."""
    row = {"comment_id": comment.id, "site_id": comment.site_id, "address": address, "typed_s": typed_s}
    conn.execute(comment_facts.insert().values(**row))


def forget_typing(conn: Connection, comment_id: str) -> None:
    conn.execute(comment_facts.update().where(comment_facts.c.comment_id == comment_id).values(typed_s=None))


def facts_of(conn: Connection, ids: Sequence[str]) -> dict[str, Arrival]:
    """By comment. Those of which the site sent nothing are left out."""
    rows = conn.execute(sa.select(comment_facts).where(comment_facts.c.comment_id.in_(ids)))
    return {row.comment_id: Arrival(row.address, row.typed_s) for row in rows}


def count_recent(conn: Connection, comment: Comment, address: str | None, *, within: timedelta, most: int) -> int:
    """Earlier comments by the same author, or from the same address, in the time before this one."""
    theirs = _by_author(comment, within, most)
    if address is None:
        return conn.execute(sa.select(sa.func.count()).select_from(theirs.subquery())).scalar_one()
    from_there = (
        sa.select(comment_facts.c.comment_id)
        .where(
            comment_facts.c.site_id == comment.site_id,
            comment_facts.c.address == address,
            sa.text(HAS_ADDRESS),
            comment_facts.c.comment_id >= first_id_at(comment.received_at - within),
            comment_facts.c.comment_id < comment.id,
        )
        .limit(most)
    )
    both = sa.union(sa.select(theirs.subquery()), sa.select(from_there.subquery())).subquery()
    return min(most, conn.execute(sa.select(sa.func.count()).select_from(both)).scalar_one())


def _by_author(comment: Comment, within: timedelta, most: int) -> sa.Select[tuple[str]]:
    return (
        sa.select(comments.c.id)
        .where(
            comments.c.author_id == comment.author_id,
            comments.c.posted_at > comment.posted_at - within,
            comments.c.posted_at <= comment.posted_at,
            comments.c.id < comment.id,
        )
        .limit(most)
    )


def with_addresses(conn: Connection, before_id: str, *, after: str | None, limit: int) -> list[str]:
    """Comments that came before this id and still have a digest, in order of their ids."""
    column = comment_facts.c.comment_id
    query = sa.select(column).where(sa.text(HAS_ADDRESS), column < before_id).order_by(column).limit(limit)
    return list(conn.execute(query if after is None else query.where(column > after)).scalars())


def forget_addresses(conn: Connection, ids: Sequence[str]) -> None:
    conn.execute(comment_facts.update().where(comment_facts.c.comment_id.in_(ids)).values(address=None))
