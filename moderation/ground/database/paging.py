"""Walks through many rows page by page, or works them off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database

Row = TypeVar("Row")
Cursor = TypeVar("Cursor")


def pages(
    db: Database,
    read: Callable[[Connection, Cursor | None], Sequence[Row]],
    cursor: Callable[[Row], Cursor],
    *,
    size: int,
) -> Iterator[Sequence[Row]]:
    """The rows that ``read`` returns after the ``cursor`` of the last one, ``size`` at a time, and none that is empty.
    Each page has a transaction of its own, so that a long walk fills neither memory nor a snapshot of the database."""
    after: Cursor | None = None
    while True:
        with db.read() as conn:
            page = read(conn, after)
        if page:
            yield page
        if len(page) < size:
            return
        after = cursor(page[-1])


def rounds(db: Database, work: Callable[[Connection], int], *, size: int) -> Iterator[int]:
    """How many rows each round of ``work`` did away with, until one finds fewer than ``size``. Between two rounds, each
    a transaction, other writers get their turn."""
    count = size
    while count >= size:
        with db.write() as conn:
            count = work(conn)
        if count:
            yield count
