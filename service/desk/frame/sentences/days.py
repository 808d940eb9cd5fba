"""The days that a page covers: whole days from its address, both ends included, in the reader's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from flask import request

from moderation.ground.errors import FieldProblem, InvalidInput, said
from service.context import utc_now
from service.languages import choice

EARLIEST, LATEST = date(1970, 1, 2), date(2199, 12, 31)  # so that the days before and after exist in every zone


def asked(usual: int) -> tuple[date, date]:
    """The first and the last day. Without an answer in the address: ``usual`` days up to today. Raises InvalidInput."""
    last = _date("to", day_of(utc_now()))
    first = _date("from", last - timedelta(days=usual - 1))
    if first > last:
        raise InvalidInput(FieldProblem("from", "the first day must not be after the last"))
    return first, last


def given() -> tuple[date | None, date | None]:
    """The first and the last day, where the address has them. Raises InvalidInput."""
    first, last = (_date(name, LATEST) if request.args.get(name) else None for name in ("from", "to"))
    if first and last and first > last:
        raise InvalidInput(FieldProblem("from", "the first day must not be after the last"))
    return first, last


def midnight(day: date) -> datetime:
    """The moment at which a day begins for the reader, in UTC."""
    return datetime.combine(day, time.min, choice.current().zone).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The reader's day on which the moment falls."""
    return moment.astimezone(choice.current().zone).date()


def last_before(end: datetime) -> date:
    """The reader's last day of a stretch that ends at a midnight."""
    return day_of(end - timedelta(microseconds=1))


def _date(name: str, default: date) -> date:
    given = request.args.get(name)
    if not given:
        return default
    try:
        day = date.fromisoformat(given)
    except ValueError as e:
        raise InvalidInput(
            FieldProblem(name, said("%(given)s is not a date like 2026-03-02", given=repr(given)))
        ) from e
    if not EARLIEST <= day <= LATEST:
        allowed = {"first": EARLIEST, "last": LATEST}
        problem = said("%(given)s must be a day from %(first)s to %(last)s", given=repr(given), **allowed)
        raise InvalidInput(FieldProblem(name, problem))
    return day
