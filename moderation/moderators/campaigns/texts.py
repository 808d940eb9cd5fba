"""The texts of a campaign's copies: which pairs of words are usual in them, and which texts add words of their own.

Strangers wrote them, so they are read within a budget. A copy for which it is used up counts as one that adds words: a
person has to read it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

from sqlalchemy.engine import Connection

from moderation.ground.environment.own_time import own_time
from moderation.ground.errors import TooCostly
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.near_copies.own_words import Pair, own_words, usual_pairs
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import Budget
from moderation.moderators.campaigns import copy_rows as campaign_copies
from moderation.moderators.finding import search_rows as search
from moderation.moderators.finding.search_rows import SearchHit

LOOKED_AT = 50  # copies of each status, the newest, that say what is usual
FEW = 10
FEW_FIRST = 3  # of each status
BESIDE_S = 0.05
"""For the ten copies that a text that comes in is compared with. They take 5 ms if they are prose, measured."""


def newest(conn: Connection, campaign_id: str) -> list[SearchHit]:
    ids = (campaign_copies.newest_ids(conn, campaign_id, status, limit=LOOKED_AT) for status in CommentStatus)
    return search.found_by_ids(conn, [id for some in ids for id in some])


def usual(copies: Iterable[SearchHit], budget: Budget) -> frozenset[Pair]:
    """Among as many of the copies as the budget allows."""
    read: list[Sequence[str]] = []
    with suppress(TooCostly):
        read.extend(_words(copy, budget) for copy in copies)  # keeps those before the one that costs too much
    return usual_pairs(read)


def shown_by(conn: Connection, campaign_id: str, budget: Budget) -> SearchHit | None:
    """One copy to show the campaign by, among the first: no warning, if there is anything else."""
    first = search.found_by_ids(conn, campaign_copies.first_ids(conn, campaign_id, size=FEW_FIRST))
    pairs = usual(first, budget)
    return next((copy for copy in first if own(copy, pairs, budget) == ""), first[0] if first else None)


def own(copy: SearchHit, pairs: Collection[Pair], budget: Budget) -> str | None:
    """The words that make the text unlike the others; empty if it is like them, None if the budget is used up."""
    try:
        return own_words(_words(copy, budget), pairs)
    except TooCostly:
        return None


def adds_words(conn: Connection, campaign_id: str, words: Sequence[str]) -> bool:
    """Whether a text that comes in, given as its words, is unlike the newest rejected copies."""
    ids = campaign_copies.newest_ids(conn, campaign_id, CommentStatus.REJECTED, limit=FEW)
    usual_words = usual(search.found_by_ids(conn, ids), Budget(BESIDE_S, own_time))
    return bool(ids) and own_words(words, usual_words) != ""


def _words(copy: SearchHit, budget: Budget) -> Sequence[str]:
    """Raises TooCostly."""
    budget.check()
    with budget:
        return Reading(copy.text, budget).words
