"""Keeps count of the domains that comments online link to."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from sqlalchemy.engine import Connection

from moderation.ground.environment.own_time import own_time
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import Budget
from moderation.spine.comments.moves import Move
from moderation.spine.domains import rows as domains

READ_S = 2.0
"""For the texts of one transaction, a thousand at most, in which others wait. A thousand of usual length take 0.1 s."""

log = logging.getLogger(__name__)


def follow(conn: Connection, moves: Sequence[Move], _now: datetime) -> None:
    """An edited comment waits, so it is not online. Those that go are counted first: a domain whose count is too low is
    new to the site, which only holds comments."""
    budget = Budget(READ_S, own_time)
    steps = [(move, _step(move)) for move in moves]
    counted: Counter[tuple[str, str]] = Counter()
    for move, step in sorted(((move, step) for move, step in steps if step), key=itemgetter(1)):
        for domain in _linked(move, budget):
            counted[move.comment.site_id, domain] += step
    domains.count_domains(conn, counted)


def domains_in(text: str, budget: Budget) -> frozenset[str]:
    """Those that the text links to; none, with a line in the log, once the budget is used up."""
    if budget.is_spent:
        log.warning(
            "the domains in a text were not counted: the texts decided with it took %s s to read", budget.seconds
        )
        return frozenset()
    with budget:
        return Reading(text, budget).domains


def _step(move: Move) -> int:
    return (move.to is CommentStatus.PUBLISHED) - (move.comment.status is CommentStatus.PUBLISHED)


def _linked(move: Move, budget: Budget) -> frozenset[str]:
    """A comment that was scored has been read already."""
    if move.judgement is not None:
        return move.judgement.scored.reading.domains
    return domains_in(move.comment.text, budget)
