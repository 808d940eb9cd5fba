"""A comment as models read it: once with its characters folded, and a second time with disguised words guessed."""

from __future__ import annotations

from dataclasses import dataclass

from cachetools import LRUCache

from moderation.text.disguises.guessing import guess_words
from moderation.text.disguises.hashtags import split_hashtags
from moderation.text.disguises.hostile_words import hostile_places
from moderation.text.letters.folding import KEPT, fold
from moderation.text.reading_budget import UNLIMITED, Budget
from moderation.text.rewritten_text import Copy


@dataclass(frozen=True, slots=True)
class Reading:
    """A comment as it is scored. ``folded`` always says the same as the original; ``guessed`` may be wrong.

    ``guessed`` is None if no word looks disguised, so most comments are scored once. ``split`` has only hashtags
    written as words, where their capitals show these: the second copy for other languages than English, from which
    disguised words are guessed.
    """

    folded: Copy
    guessed: Copy | None
    split: Copy | None = None

    @property
    def copies(self) -> tuple[Copy, ...]:
        """The copies to score, ``folded`` first."""
        return (self.folded,) if self.guessed is None else (self.folded, self.guessed)

    @property
    def plain_copies(self) -> tuple[Copy, ...]:
        """The copies to score in other languages than English."""
        return (self.folded,) if self.split is None else (self.folded, self.split)


_READ: LRUCache[str, Reading] = LRUCache(KEPT)
"""The language, each model and the evidence ask for the same reading: saves 0.03 ms for each of five, measured."""


def read(text: str, budget: Budget = UNLIMITED) -> Reading:
    """The folded copy, and a second one with disguised words guessed, if that changes any word. Raises TooCostly."""
    found = _READ.get(text)
    if found is None:
        _READ[text] = found = _read(text, budget)
    return found


def warm_up() -> None:
    """Builds the tables that all comments use, so that the first comment does not spend its own time on that."""
    _read("You 1d10t, f**k s t u p i d m\u00f3ron #sendthemback \U0001f595 and iddiot", UNLIMITED)
    list(hostile_places("fool"))


def _read(text: str, budget: Budget) -> Reading:
    folded = fold(text)
    budget.check()
    tags, guesses = list(split_hashtags(folded.text, budget)), guess_words(folded.text, budget)
    split = folded.replaced(tags) if tags else None
    return Reading(folded, folded.replaced(guesses) if guesses else None, split)
