"""The comments that one act on a campaign may reach: those that its caller was shown, and near copies of their texts.
Copies are walked word by word from one text to another, so being in the campaign says nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy.engine import Connection

from moderation.ground.environment.own_time import own_time
from moderation.ground.errors import FieldProblem, InvalidInput, TooCostly
from moderation.judging.text.contacts.shared_marks import MARK
from moderation.judging.text.near_copies.fingerprints import is_near_copy
from moderation.judging.text.near_copies.own_words import Pair, own_words
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import Budget
from moderation.moderators.campaigns import candidate_rows as candidates
from moderation.moderators.campaigns import copy_rows as campaign_copies
from moderation.moderators.campaigns import rows as campaigns
from moderation.moderators.campaigns.copy_rows import Ticks
from moderation.moderators.campaigns.rows import SeenTexts
from moderation.moderators.finding import search_rows as search

READ_S = 2.0  # for all texts of one act; one that comes too late reaches nobody, and is reached only by its id
SEEN_FIELD = FieldProblem("seen", "name the texts that you read, as `samples` has them: the campaign has unlike ones")


@dataclass(frozen=True, slots=True)
class ShownTexts:
    """The comments of one campaign that a person or a program read, with the pairs of words of each text."""

    ids: frozenset[str]
    texts: SeenTexts
    pairs: Mapping[int, frozenset[Pair]]  # by the fingerprint of the text

    def near(self, prints: Collection[int]) -> frozenset[Pair] | None:
        """The pairs of words of those shown that one of these texts is a near copy of; None if it is of none."""
        some = [pairs for shown, pairs in self.pairs.items() if any(is_near_copy(shown, mark) for mark in prints)]
        return frozenset().union(*some) if some else None


def of(conn: Connection, campaign_id: str, ticks: Ticks | None) -> ShownTexts:
    """Returns the comments that the caller read and means: the ticked copies, or the listed ones where none is ticked.
    Without ticks, it is the text of the campaign. Raises InvalidInput if that has more than one."""
    if ticks is None:
        return of_its_text(conn, campaign_id)
    return read(conn, campaign_id, ticks.ticked or ticks.listed)


def read(conn: Connection, campaign_id: str, comment_ids: Collection[str]) -> ShownTexts:
    """Reads the comments among these that are in the campaign."""
    ids = campaign_copies.among(conn, campaign_id, comment_ids)
    marks = candidates.of_comments(conn, ids) if ids else {}
    pairs: dict[int, frozenset[Pair]] = {}
    budget = Budget(READ_S, own_time)
    for copy in search.found_by_ids(conn, sorted(ids)):
        reading = _read_within(copy.text, budget)
        if reading is not None and (own := reading.fingerprint) is not None:
            pairs[own] = pairs.get(own, frozenset()) | frozenset(pairwise(reading.words))
    known = frozenset(mark for of_one in marks.values() for mark in of_one)
    return ShownTexts(ids, SeenTexts(frozenset(pairs), frozenset(mark for mark in known if mark >= MARK)), pairs)


def of_its_text(conn: Connection, campaign_id: str) -> ShownTexts:
    """The text that a campaign began with, if all others are near copies. Raises InvalidInput otherwise: to know which
    of them is meant, somebody has to have read them."""
    shown = read(conn, campaign_id, campaign_copies.oldest_ids(conn, campaign_id))
    others = campaigns.texts_of(conn, campaign_id)
    if any(shown.near([other]) is None for other in others) and others:
        raise InvalidInput(SEEN_FIELD)
    return shown


def unread(conn: Connection, shown: ShownTexts, comment_ids: Sequence[str], *, with_own_words: bool) -> set[str]:
    """Those of the comments that were not shown and are no near copies of a text that was; and, unless
    ``with_own_words``, those that add words of their own to it: they may warn of it."""
    others = [id for id in comment_ids if id not in shown.ids]
    prints = candidates.of_comments(conn, others) if others else {}
    near = {id: pairs for id in others if (pairs := shown.near(prints.get(id, ()))) is not None}
    beyond = set(others) - near.keys()
    if with_own_words or not near:
        return beyond
    budget = Budget(READ_S, own_time)
    read_now = {copy.id: _read_within(copy.text, budget) for copy in search.found_by_ids(conn, list(near))}
    return beyond | {id for id, copy in read_now.items() if copy is None or own_words(copy.words, near[id])}


def _read_within(text: str, budget: Budget) -> Reading | None:
    """None if the text, which a stranger wrote, takes longer than what is left of the budget."""
    try:
        budget.check()
        with budget:
            reading = Reading(text, budget)
            reading.make_keys()
            return reading
    except TooCostly:
        return None
