"""A rewritten text that remembers where each of its characters came from, so that evidence points into the original."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, compress, repeat

GROWTH = 200
"""How many characters a text may grow by beyond half its length when one sign is replaced by several (ﬃ, ﷺ), so that no
text grows without a limit."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """The new text for ``[start, end)`` of an old one."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """Character ``i`` of ``text`` comes from ``[starts[i], ends[i])`` of the original. Neither sequence ever
    decreases."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str) -> Copy:
        """The text as a copy of itself."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that ``[start, end)`` of the copy comes from; it must not be empty."""
        return self.starts[start], self.ends[end - 1]

    def respelled(self, pieces: list[str]) -> Copy:
        """A further copy with ``pieces[i]`` in place of character ``i``, as far as the limit on growth allows."""
        pieces = self._within_growth(pieces)
        text, lengths = "".join(pieces), list(map(len, pieces))
        longest = max(lengths, default=0)
        if longest == 1 and len(text) == len(pieces):
            return Copy(text, self.starts, self.ends)
        if longest <= 1:
            return Copy(text, array("I", compress(self.starts, lengths)), array("I", compress(self.ends, lengths)))
        starts = array("I", chain.from_iterable(map(repeat, self.starts, lengths)))
        return Copy(text, starts, array("I", chain.from_iterable(map(repeat, self.ends, lengths))))

    def replaced(self, replacements: Iterable[Replacement]) -> Copy:
        """A further copy. Each new character of a replacement comes from the whole stretch that it replaces."""
        text, starts, ends, at = list[str](), array("I"), array("I"), 0
        for new in sorted(replacements, key=lambda r: r.start):
            text += [self.text[at : new.start], new.text]
            start, end = self.origin(new.start, new.end)
            starts.extend(self.starts[at : new.start])
            ends.extend(self.ends[at : new.start])
            starts.extend(repeat(start, len(new.text)))
            ends.extend(repeat(end, len(new.text)))
            at = new.end
        if not at:
            return self
        starts.extend(self.starts[at:])
        ends.extend(self.ends[at:])
        return Copy("".join([*text, self.text[at:]]), starts, ends)

    def _within_growth(self, pieces: list[str]) -> list[str]:
        """The pieces; once they would make the text grow by more than half and ``GROWTH`` characters, the text's own
        characters."""
        left = GROWTH + len(self.text) // 2
        if sum(map(len, pieces)) <= len(self.text) + left:
            return pieces
        kept = list(pieces)
        for at in (at for at, piece in enumerate(pieces) if len(piece) > 1):
            grows = len(pieces[at]) - 1
            if grows > left:
                kept[at] = self.text[at]
            else:
                left -= grows
        return kept
