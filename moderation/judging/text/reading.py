"""One text, read once: every part of its reading is made by whoever asks first, and shared by all who are given it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from functools import cached_property

from moderation.judging.text.contacts.domains import Host, domains_of, hosts_of
from moderation.judging.text.contacts.links import Link, links_in
from moderation.judging.text.contacts.private_data import private_places
from moderation.judging.text.contacts.shared_marks import Written, as_written
from moderation.judging.text.contacts.ways_to_reach import contacts_in
from moderation.judging.text.disguises.guessing import guess_words
from moderation.judging.text.disguises.hashtags import split_hashtags
from moderation.judging.text.disguises.hostile_words import hostile_places
from moderation.judging.text.letters.folding import copies_of
from moderation.judging.text.lists.cutting import Searchable, cut
from moderation.judging.text.lists.listed_words import Place, distinct_words, uses_in
from moderation.judging.text.near_copies.fingerprints import compared_words, fingerprint_of
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from moderation.judging.text.rewritten_text import Copy


class Reading:
    """A text as all read it: models, lists, signals, evidence, and those who look for copies.

    ``folded`` always says the same as the text; ``guessed`` may be wrong. Steps that may take longer than in proportion
    to the text are made within the ``budget`` and raise TooCostly.
    """

    def __init__(self, text: str, budget: Budget = UNLIMITED) -> None:
        self.text, self.budget = text, budget

    def within(self, budget: Budget) -> Reading:
        """The same reading, with all that is made of it, within another budget."""
        other = copy.copy(self)
        other.budget = budget
        return other

    def make_keys(self) -> None:
        """Makes all by which a database is asked about the text."""
        for _key in (self.fingerprint, self.domains, self.contacts_written):
            pass

    @property
    def folded(self) -> Copy:
        """Without the disguises of characters, in the letters in which it is written: models read it so."""
        return self._letters[0]

    @property
    def searched(self) -> Copy:
        """The folded copy without case and piled accents: patterns are looked for in it."""
        return self._letters[1][0]

    @property
    def guessed(self) -> Copy | None:
        """The folded copy with disguised words guessed; None if no word looks disguised, so most comments are scored
        once."""
        return self._rewritten[0]

    @property
    def split(self) -> Copy | None:
        """With hashtags written as words, where their capitals show these: the second copy for other languages than
        English, from which disguised words are guessed."""
        return self._rewritten[1]

    @property
    def copies(self) -> tuple[Copy, ...]:
        """The copies to score, ``folded`` first."""
        return (self.folded,) if self.guessed is None else (self.folded, self.guessed)

    @property
    def plain_copies(self) -> tuple[Copy, ...]:
        """The copies to score in other languages than English."""
        return (self.folded,) if self.split is None else (self.folded, self.split)

    @property
    def distinct_words(self) -> frozenset[str]:
        """Every word that a search looks up, in the letters in which it does so."""
        return frozenset(distinct_words(self._searchable))

    def uses_of(self, listed: tuple[str, ...]) -> tuple[Place, ...]:
        """The positions of each use of a listed word: see ``lists.listed_words.uses_in``. Raises TooCostly."""
        return uses_in(self._searchable, listed, self.budget) if listed else ()

    @property
    def links(self) -> tuple[Link, ...]:
        return self._linked[0]

    @property
    def hosts(self) -> tuple[Host, ...]:
        return self._linked[1]

    @property
    def domains(self) -> frozenset[str]:
        return self._linked[2]

    @property
    def contacts(self) -> tuple[Place, ...]:
        """Where telephone numbers, addresses, handles, accounts and wallets are."""
        return self._contacted[0]

    @property
    def contacts_written(self) -> tuple[Written, ...]:
        return self._contacted[1]

    @property
    def private(self) -> tuple[Place, ...]:
        """Where private data about somebody else is."""
        return private_places(self.text, self.searched, self.contacts)

    @property
    def words(self) -> list[str]:
        """The words by which texts are compared."""
        return self._compared[0]

    @property
    def fingerprint(self) -> int | None:
        """None if the text is too short for one."""
        return self._compared[1]

    @cached_property  # folding takes 0.004 ms of plain ASCII, and is asked for some ten times
    def _letters(self) -> tuple[Copy, tuple[Copy, ...]]:
        return copies_of(self.text)

    @cached_property  # saves 0.02 ms of each list that is searched for, measured
    def _searchable(self) -> Searchable:
        return tuple(map(cut, self._letters[1]))

    @cached_property  # saves 0.04 ms of each signal about links, measured
    def _linked(self) -> tuple[tuple[Link, ...], tuple[Host, ...], frozenset[str]]:
        links = links_in(self.searched)
        hosts = hosts_of(links)
        return links, hosts, domains_of(hosts)

    @cached_property  # saves 0.06 ms within the transaction that asks for contacts, measured
    def _contacted(self) -> tuple[tuple[Place, ...], tuple[Written, ...]]:
        contacts = contacts_in(self.searched, self.folded, self.links)
        return contacts, as_written(self.text, contacts)

    @cached_property  # saves 0.05 ms within the transaction that looks for copies, measured
    def _compared(self) -> tuple[list[str], int | None]:
        words = compared_words(self.searched.text)
        return words, fingerprint_of(words)

    @cached_property  # saves 0.4 ms for each model that reads disguised words, measured
    def _rewritten(self) -> tuple[Copy | None, Copy | None]:
        folded, budget = self.folded, self.budget
        budget.check()
        tags, guesses = list(split_hashtags(folded.text, budget)), guess_words(folded.text, budget)
        return folded.replaced(guesses) if guesses else None, folded.replaced(tags) if tags else None


def affordable(texts: Sequence[str], budget: Budget) -> Iterator[tuple[int, Reading]]:
    """Each text's place and its reading, the shortest first, until the budget is used up. It is open while the caller
    works on one of them."""
    for place in sorted(range(len(texts)), key=lambda place: len(texts[place])):
        if budget.is_spent:
            return
        with budget:
            yield place, Reading(texts[place], budget)


def warm_up() -> None:
    """Builds the tables that all comments use, so that the first comment does not spend its own time on that."""
    _ = Reading("You 1d10t, f**k s t u p i d m\u00f3ron #sendthemback \U0001f595 and iddiot").copies
    list(hostile_places("fool"))
