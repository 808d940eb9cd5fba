"""One statement for several sites; each part reads its own site's stretch of an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

MOST = 200  # parts of one union; SQLite takes 500. https://www.sqlite.org/limits.html


def across(statements: Sequence[sa.Select[Any]]) -> sa.Select[Any]:
    """The rows of all the statements, which have the same columns. Each may have its own order and limit.

    There must be at least one.
    """
    if len(statements) == 1:
        return statements[0]
    if len(statements) > MOST:
        statements = [across(statements[start : start + MOST]) for start in range(0, len(statements), MOST)]
    return sa.select(sa.union_all(*(sa.select(each.subquery()) for each in statements)).subquery())
