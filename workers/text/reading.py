"""A comment as models read it: once with its characters folded, and a second time with disguised words guessed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cachetools import LRUCache

from moderation.reading_budget import UNLIMITED, Budget
from moderation.text.copies import Copy
from moderation.text.folding import KEPT, fold
from workers.text.disguises import guess_words
from workers.text.hostile_words import hostile_places


@dataclass(frozen=True, slots=True)
class Reading:
    """A comment as it is scored. ``folded`` always says the same as the original; ``guessed`` may be wrong.

    ``guessed`` is None if no word looks disguised, so most comments are scored once.
    """

    folded: Copy
    guessed: Copy | None

    @property
    def copies(self) -> tuple[Copy, ...]:
        """The copies to score, ``folded`` first."""
        return (self.folded,) if self.guessed is None else (self.folded, self.guessed)


_READ: LRUCache[str, Reading] = LRUCache(KEPT)
"""How many readings are kept: the language, each model and the evidence ask for the same one."""


def read(text: str, budget: Budget = UNLIMITED) -> Reading:
    """The folded copy, and a second one with disguised words guessed, if that changes any word. Raises TooCostly."""
    found = _READ.get(text)
    if found is None:
        _READ[text] = found = _read(text, budget)
    return found


@cache
def warm_up() -> None:
    """Builds the tables that all comments use, so that the first comment does not spend its own time on that."""
    _read("You 1d10t, f**k s t u p i d m\u00f3ron \U0001f595 and iddiot", UNLIMITED)
    list(hostile_places("fool"))


def _read(text: str, budget: Budget) -> Reading:
    folded = fold(text)
    budget.check()
    replacements = guess_words(folded.text, budget)
    return Reading(folded, folded.replaced(replacements) if replacements else None)
