"""Whole numbers: read from a form or an address, and shown as counts."""

from __future__ import annotations

MOST_DIGITS = 9  # fits an integer column on either database


def whole(given: str) -> int | None:
    """None for anything that is not written in a few plain digits."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= MOST_DIGITS else None


def in_figures(count: int, at_most: int) -> str:
    """``17``, or ``1,000+`` if counting stopped there."""
    return f"{count:,}" if count < at_most else f"{at_most:,}+"
