"""The texts of a campaign's copies: which pairs of words are usual in them, and which texts add words of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.engine import Connection

from moderation.campaigns import rows as campaigns
from moderation.finding import search_rows as search
from moderation.finding.search_rows import SearchHit
from moderation.text.likeness.own_words import Pair, own_words, usual_pairs
from moderation.text.reading import Reading
from moderation.values.statuses import CommentStatus

LOOKED_AT = 50  # copies of each status, the newest, that say what is usual
FEW = 10
FEW_FIRST = 3  # of each status


def newest(conn: Connection, campaign_id: str) -> list[SearchHit]:
    ids = (campaigns.newest_ids(conn, campaign_id, status, limit=LOOKED_AT) for status in CommentStatus)
    return search.found_by_ids(conn, [id for some in ids for id in some])


def usual(copies: Iterable[SearchHit]) -> frozenset[Pair]:
    return usual_pairs([Reading(copy.text).words for copy in copies])


def shown_by(conn: Connection, campaign_id: str) -> SearchHit | None:
    """One copy to show the campaign by, among the first: no warning, if there is anything else."""
    first = search.found_by_ids(conn, campaigns.first_ids(conn, campaign_id, each=FEW_FIRST))
    pairs = usual(first)
    return next((copy for copy in first if not own(copy, pairs)), first[0] if first else None)


def own(copy: SearchHit, pairs: Collection[Pair]) -> str:
    """The words that make the text unlike the others; empty if it is like them."""
    return own_words(Reading(copy.text).words, pairs)


def adds_words(conn: Connection, campaign_id: str, words: Sequence[str]) -> bool:
    """Whether a text that comes in, given as its words, is unlike the newest rejected copies. It takes 5 ms."""
    ids = campaigns.newest_ids(conn, campaign_id, CommentStatus.REJECTED, limit=FEW)
    return bool(ids) and own_words(words, usual(search.found_by_ids(conn, ids))) != ""


def unlike(conn: Connection, campaign_id: str, comment_ids: Sequence[str]) -> set[str]:
    """Those of the comments whose texts are unlike the campaign's newest copies."""
    pairs = usual(newest(conn, campaign_id))
    return {copy.id for copy in search.found_by_ids(conn, comment_ids) if own(copy, pairs)}
