"""The end of a mark. After a suspension an earlier hold that lasts longer holds again; after any other mark, none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.values.measures import SILENCED, Standing
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.authors.measure_rows import AuthorMark, TakenMeasure


def in_force(conn: Connection, author_id: str, mark: AuthorMark, now: datetime) -> AuthorMark:
    """The mark, or after its end the one that holds then."""
    if not _is_over(mark, now):
        return mark
    if mark.standing is not Standing.SUSPENDED:
        return AuthorMark()
    return hold_beneath(author_measures.marking(conn, author_id), now)


def hold_beneath(marking: Iterable[TakenMeasure], now: datetime) -> AuthorMark:
    """The hold in which an author was suspended or banned, if it still lasts. ``marking`` has the measures that left a
    mark, newest first. A longer suspension, or one instead of a ban, keeps the hold beneath the first."""
    for taken in marking:
        if taken.measure.standing not in SILENCED:
            break
        if taken.before.standing is Standing.HOLD:
            return AuthorMark() if _is_over(taken.before, now) else taken.before
        if taken.before.standing not in SILENCED:
            break
    return AuthorMark()


def _is_over(mark: AuthorMark, now: datetime) -> bool:
    return mark.until is not None and mark.until <= now
