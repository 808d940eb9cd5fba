"""A reader's reply as it came, and what is paid and noted for it, whatever it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.judging.second_reader.values import RuleQuestion
from moderation.pipeline.second_opinions import resting
from moderation.sites.second_readers.values import SecondReader
from moderation.spine.second_readings import budget_rows as budgets
from moderation.spine.second_readings.values import ReaderAnswer

AGAIN_AFTER = tuple(timedelta(seconds=seconds) for seconds in (30, 300))
"""A reader that is away is asked again after that, and then no more."""


@dataclass(frozen=True, slots=True)
class ReaderReply:
    """An answer as it came. ``may_pass`` is whether it is missing for something that may be over soon, and
    ``has_failed`` whether the next call would have no answer either."""

    answer: ReaderAnswer
    may_pass: bool = False
    has_failed: bool = False
    asked_rest: timedelta | None = None  # the reader wants to be left alone so long


Ask = Callable[[SecondReader, RuleQuestion], ReaderReply]
"""Asks a model about one comment. It raises nothing: whatever goes wrong, the answer is missing."""


def pay(conn: Connection, reader: SecondReader, reply: ReaderReply, *, booked: date, now: datetime) -> None:
    """For one call that was booked on that day, and for those that followed it."""
    answer = reply.answer
    budgets.pay(
        conn,
        reader.site_id,
        booked,
        further_calls=max(0, answer.calls - 1),
        tokens=answer.tokens_in + answer.tokens_out,
        cost=reader.price(answer.tokens_in, answer.tokens_out),
    )
    if reply.has_failed:
        resting.note_failure(conn, reader.id, reply.asked_rest, now=now)
    else:
        resting.note_answer(conn, reader.id)
