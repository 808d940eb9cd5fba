"""Numbers: read from a form or an address, and shown as the reader's language writes them."""

from __future__ import annotations

from collections.abc import Iterable

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

from service.languages import choice

MOST_DIGITS = 9  # fits an integer column on either database


def whole(given: str) -> int | None:
    """None for anything that is not written in a few plain digits."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= MOST_DIGITS else None


def in_figures(count: int, at_most: int) -> str:
    """``17``, or ``1,000+`` if counting stopped there."""
    return figures(count) if count < at_most else f"{figures(at_most)}+"


def figures(count: int) -> str:
    """``1,000``; ``1.000`` in German."""
    group, _point = _symbols(choice.current().formats)
    return f"{count:,}".replace(",", group)


def all_figures(counts: Iterable[int]) -> list[str]:
    """The same for many at once: a table of a year has thousands."""
    group, _point = _symbols(choice.current().formats)
    return [f"{count:,}".replace(",", group) for count in counts]


def decimal(number: float, places: int = 2) -> str:
    """``0.25``; ``0,25`` in German."""
    group, point = _symbols(choice.current().formats)
    return f"{number:,.{places}f}".translate({ord(","): group, ord("."): point})


def exactly(number: float) -> str:
    """The number with as many decimal places as it has: ``0.125``; ``0,125`` in German."""
    _group, point = _symbols(choice.current().formats)
    return f"{number:g}".replace(".", point)


def percent(share: float, places: int = 0) -> str:
    """The percentage of a share from 0 to 1: ``25%``; ``25 %`` in German."""
    pattern: str = choice.current().formats.percent_formats[None].pattern
    return pattern.replace("#,##0", decimal(share * 100, places))


def _symbols(formats: Locale) -> tuple[str, str]:
    """Babel's own formatting takes ten times as long, and a list has one in every line."""
    return get_group_symbol(formats), get_decimal_symbol(formats)
