"""One statement from several alike, such as one for each site, so that each part walks its own stretch of an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

MOST = 200  # parts of one union; SQLite takes 500. https://www.sqlite.org/limits.html


def union_of(statements: Sequence[sa.Select[Any]]) -> sa.Select[Any]:
    """The rows of all the statements, which have the same columns. Each may have an order and a limit of its own.

    There must be at least one.
    """
    if len(statements) == 1:
        return statements[0]
    if len(statements) > MOST:
        statements = [union_of(statements[start : start + MOST]) for start in range(0, len(statements), MOST)]
    return sa.select(sa.union_all(*(sa.select(statement.subquery()) for statement in statements)).subquery())
