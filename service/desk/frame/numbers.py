"""Whole numbers, as a form or an address has them."""

from __future__ import annotations

MOST_DIGITS = 9  # fits an integer column on either database


def whole(given: str) -> int | None:
    """None for anything that is not written in a few plain digits."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= MOST_DIGITS else None
