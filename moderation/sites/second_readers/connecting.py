"""Connects second readers to a site, moves them between their states, and gives them up. The audit trail has all of it
but the key."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.ground.webhooks.addresses import refusal
from moderation.judging.text.contacts.address_form import url_problems
from moderation.sites import rows as sites
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note
from moderation.sites.second_readers import rows as store
from moderation.sites.second_readers.values import ReaderState, ReaderWish, SecondReader

MOST_READERS = 5
DEAREST = 10_000.0  # euros for a million tokens
LATEST = "latest"
LONGEST: Mapping[str, int] = {"name": 80, "model": 200, "key": 500}


def connect(
    db: Database,
    site_id: str,
    wish: ReaderWish,
    *,
    contracts: Collection[str],
    private_addresses: bool,
    by: Actor,
    now: datetime,
) -> SecondReader:
    """It begins switched off. Raises InvalidInput with every problem."""
    if problems := list(_problems(wish, contracts, private_addresses)):
        raise InvalidInput(*problems)
    reader = SecondReader(new_id(), site_id, wish, ReaderState.OFF, now, now)
    with db.write() as conn:
        sites.lock_site(conn, site_id)
        others = store.of_site(conn, site_id)
        if len(others) >= MOST_READERS:
            raise InvalidInput(FieldProblem("name", said("is one more second reader than a site may have")))
        if wish.name in {other.wish.name for other in others}:
            raise InvalidInput(FieldProblem("name", said("is the name of another second reader")))
        store.insert(conn, reader)
        note(conn, by, "second_reader.connected", site_id=site_id, subject=wish.name, after=_said(reader), now=now)
    return reader


def move(
    conn: Connection,
    reader: SecondReader,
    to: ReaderState,
    *,
    by: Actor,
    now: datetime,
    why: Mapping[str, Any] | None = None,
) -> bool:
    """In the caller's transaction. ``why`` has the figures behind it. False if somebody else has moved it since."""
    if not store.move(conn, reader, to, now=now):
        return False
    before, after = {"state": reader.state}, {"state": to, **(why or {})}
    action = "second_reader.moved"
    note(conn, by, action, site_id=reader.site_id, subject=reader.wish.name, before=before, after=after, now=now)
    return True


def remove(db: Database, site_id: str, reader_id: str, *, by: Actor, now: datetime) -> None:
    """Its answers stay, and its key goes. Raises NotFound."""
    with db.write() as conn:
        reader = store.get(conn, site_id, reader_id)
        if store.remove(conn, reader_id, now=now):
            subject = reader.wish.name
            note(conn, by, "second_reader.removed", site_id=site_id, subject=subject, before=_said(reader), now=now)


def _said(reader: SecondReader) -> dict[str, Any]:
    wish = reader.wish
    return {"host": reader.host, "contract": wish.contract, "model": wish.model, "masked": wish.masked}


def _problems(wish: ReaderWish, contracts: Collection[str], private_addresses: bool) -> Iterator[FieldProblem]:
    for name, most in LONGEST.items():
        value = getattr(wish, name)
        if value is None and name == "key":
            continue
        if not value or value != value.strip():
            yield FieldProblem(name, said("must neither be empty nor begin or end with a space"))
        elif not value.isprintable() or (name == "key" and not value.isascii()):
            yield FieldProblem(name, said("has characters that do not belong here"))
        elif len(value) > most:
            yield FieldProblem(name, said("must have at most %(most)s characters", most=most))
    if wish.model.lower() == LATEST or wish.model.lower().endswith(f"-{LATEST}"):
        yield FieldProblem("model", said("must name a version: the model behind “latest” changes without a word"))
    if wish.contract not in contracts:
        yield FieldProblem("contract", said("must be one of these: %(names)s", names=", ".join(sorted(contracts))))
    problems = list(url_problems(wish.base_url))
    if not problems and not private_addresses and (why := refusal(wish.base_url)):
        problems.append(why)
    yield from (FieldProblem("base_url", problem) for problem in problems)
    for name in ("price_in", "price_out"):
        price = getattr(wish, name)
        if not (math.isfinite(price) and 0 <= price <= DEAREST):
            yield FieldProblem(name, said("must be a number from 0 to %(most)s", most=DEAREST))
