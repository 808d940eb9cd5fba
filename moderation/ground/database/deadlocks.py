"""Runs a transaction again that PostgreSQL took back because it and another one waited for each other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

DEADLOCK = "40P01"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
TRIES = 5

log = logging.getLogger(__name__)

Result = TypeVar("Result")


def past_deadlocks(transaction: Callable[[], Result]) -> Result:
    """Runs ``transaction``, which must be one transaction and nothing else, at most TRIES times. Raises the
    OperationalError of the last try."""
    for attempt in range(1, TRIES):
        try:
            return transaction()
        except OperationalError as e:
            if getattr(e.orig, "sqlstate", None) != DEADLOCK:
                raise
        log.info("two transactions waited for each other: one was taken back, runs again", extra={"attempt": attempt})
    return transaction()
