"""Counts the steps of some work, which a busy machine does not change as it changes the time, and makes texts that take
many."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import product
from types import FrameType

from moderation.pipeline.arriving.comment_text import MAX_CHARS


def calls(work: Callable[[], object]) -> int:
    """The calls of functions, in Python and in C, that the work takes."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def distinct(form: str, chars: int = MAX_CHARS) -> str:
    """Words of this form, such as ``{}*{}{}``, each with other letters."""
    letters = "abcdefghijklmnoprstuw"
    words = (form.format(*chosen) for chosen in product(letters, repeat=form.count("{}")))
    return " ".join(words)[:chars].strip()
