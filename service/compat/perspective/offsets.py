"""Positions in UTF-16 code units, in which Perspective counts: most emoji count twice."""

from __future__ import annotations

from bisect import bisect_left


class Offsets:
    """Positions of one text."""

    def __init__(self, text: str) -> None:
        self._wide = [index for index, char in enumerate(text) if char > "\uffff"]
        self.length = len(text) + len(self._wide)

    def of(self, position: int) -> int:
        """The position in code units, of a position in characters."""
        return position + bisect_left(self._wide, position)
