"""Opens a campaign for the person who decides it: its copies, and apart from them the texts that only mention it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.near_copies.differing import most_different
from moderation.judging.text.near_copies.own_words import Pair
from moderation.judging.text.reading_budget import Budget
from moderation.moderators.campaigns import copy_rows as campaign_copies
from moderation.moderators.campaigns import texts
from moderation.moderators.campaigns.reviewing import COUNTED, COVERED, Card, at_sites, card, decisions_by_people
from moderation.moderators.campaigns.rows import Campaign
from moderation.moderators.finding import search_rows as search
from moderation.moderators.finding.search_rows import SearchHit
from moderation.moderators.review.reviewing import Choice

LISTED = 100  # copies of each status, the newest: a person can look these through
SAMPLES = 6
OPEN = COVERED[Choice.REJECT]


@dataclass(frozen=True, slots=True)
class Mention:
    """A comment of the campaign whose text is unlike the others: it may warn of them."""

    found: SearchHit
    own_words: str | None  # empty if it only shares a contact or a domain, None if nobody had the time to read it
    is_copy: bool  # of the text, with words of its own


@dataclass(frozen=True, slots=True)
class Contents:
    """The comments of a campaign by what makes them a part of it."""

    copies: int
    mentions: int  # copies of the text with words of their own
    sharing: int  # they share a contact or a domain alone


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    card: Card
    contents: Contents | None  # None: too many to read, or too slow
    copies: Sequence[SearchHit]  # still to be decided, or online: those that differ most come first
    mentions: Sequence[Mention]  # likewise; nobody decides these without having ticked them
    more: Mapping[CommentStatus, int]  # copies of the text that are not listed
    apart: int  # comments that wait, share a contact or a domain alone, and are not listed
    samples: Sequence[SearchHit]  # of the newest copies, those that differ most
    has_approved: bool  # a person let at least one of the newest published copies go online
    until: str  # no comment that arrives, joins or is edited later is decided with these

    @property
    def listed(self) -> Sequence[SearchHit]:
        return [*self.copies, *(mention.found for mention in self.mentions)]

    def ticked(self, choice: Choice) -> int:
        """The copies that the choice decides if nobody changes a tick."""
        return self._ticked_with(COVERED[choice])

    @property
    def ticked_online(self) -> int:
        return self._ticked_with((CommentStatus.PUBLISHED,))

    def _ticked_with(self, statuses: Collection[CommentStatus]) -> int:
        return sum(copy.status in statuses for copy in self.copies) + sum(self.more[status] for status in statuses)


def open_campaign(db: Database, site_ids: Collection[str], campaign_id: str, budget: Budget) -> OpenCampaign:
    """Raises NotFound if there is no such campaign at these sites. The texts are read within the budget."""
    with db.read() as conn:
        campaign = at_sites(conn, site_ids, campaign_id)
        newest = texts.newest(conn, campaign_id)
        ids = {status: campaign_copies.newest_ids(conn, campaign_id, status, limit=LISTED) for status in OPEN}
        listed = search.found_by_ids(conn, [id for status in OPEN for id in ids[status]])
        sharing, usual = campaign_copies.sharing_only(conn, [copy.id for copy in listed]), texts.usual(newest, budget)
        own = {copy.id: texts.own(copy, usual, budget) for copy in listed if copy.id not in sharing}
        copies, mentions = _apart(listed, sharing, own)
        return OpenCampaign(
            card=card(conn, campaign),
            contents=_contents(conn, campaign, usual, own, budget) if campaign.copies <= COUNTED else None,
            copies=_most_different_first(copies),
            mentions=mentions,
            more={status: _more(conn, campaign_id, status, set(ids[status]) - sharing) for status in OPEN},
            apart=_more(conn, campaign_id, CommentStatus.FLAGGED, sharing & set(ids[CommentStatus.FLAGGED]), True),
            samples=_most_different(newest),
            has_approved=bool(decisions_by_people(conn, ids[CommentStatus.PUBLISHED])),
            until=new_id(),
        )


def _apart(
    listed: Sequence[SearchHit], sharing: Collection[str], own: Mapping[str, str | None]
) -> tuple[list[SearchHit], list[Mention]]:
    mentions = [
        Mention(copy, own.get(copy.id, ""), copy.id not in sharing)
        for copy in listed
        if own.get(copy.id) != "" or copy.id in sharing
    ]
    apart = {mention.found.id for mention in mentions}
    return [copy for copy in listed if copy.id not in apart], mentions


def _contents(
    conn: Connection, campaign: Campaign, usual: Collection[Pair], known: Mapping[str, str | None], budget: Budget
) -> Contents | None:
    """Of those in any status, unless the budget is used up before. Reading a thousand texts of usual length takes 0.1
    s. ``known`` are the own words of those that were read before."""
    ids = [
        id for status in CommentStatus for id in campaign_copies.newest_ids(conn, campaign.id, status, limit=COUNTED)
    ]
    sharing = campaign_copies.sharing_only(conn, ids)
    own = list(known.values())
    for copy in search.found_by_ids(conn, [id for id in ids if id not in sharing and id not in known]):
        if None in own[-1:]:
            return None
        own.append(texts.own(copy, usual, budget))
    mentions = sum(words != "" for words in own)
    return None if None in own else Contents(campaign.copies - mentions - len(sharing), mentions, len(sharing))


def _most_different_first(copies: Sequence[SearchHit]) -> list[SearchHit]:
    first = _most_different(copies)
    ids = {copy.id for copy in first}
    return first + [copy for copy in copies if copy.id not in ids]


def _most_different(copies: Sequence[SearchHit]) -> list[SearchHit]:
    """At most six, no two with the same words."""
    return [copies[at] for at in most_different([copy.text for copy in copies], most=SAMPLES)]


def _more(
    conn: Connection, campaign_id: str, status: CommentStatus, shown: Collection[str], shares_only: bool = False
) -> int:
    count = campaign_copies.count(conn, campaign_id, status, at_most=COUNTED + 1, shares_only=shares_only)
    return max(0, count - len(shown))
