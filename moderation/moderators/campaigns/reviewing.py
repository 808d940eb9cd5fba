"""A person decides a campaign: all its copies at once, the published ones too, as one batch with one undo. The same
decision may hold for what comes like them, for seven days."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, LeadsDecide, NotFound
from moderation.ground.values.campaigns import Treatment
from moderation.ground.values.statuses import PEOPLE, Action, CommentStatus
from moderation.moderators.campaigns import change_rows as campaign_changes
from moderation.moderators.campaigns import copy_rows as campaign_copies
from moderation.moderators.campaigns import reach
from moderation.moderators.campaigns import rows as campaigns
from moderation.moderators.campaigns.copy_rows import Ticks
from moderation.moderators.campaigns.reach import ShownTexts
from moderation.moderators.campaigns.rows import Campaign
from moderation.moderators.review import bulk
from moderation.moderators.review.bulk import MAX_BATCH
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor
from moderation.sites.rows import Moderator
from moderation.spine.comments import decision_rows as decisions

TREATED_DAYS = 7
COUNTED = 1_000  # copies with one status; beyond that pages say "1,000+"

COVERED: Mapping[Choice, tuple[CommentStatus, ...]] = {
    Choice.APPROVE: (CommentStatus.FLAGGED,),
    Choice.REJECT: (CommentStatus.FLAGGED, CommentStatus.PUBLISHED),
}
"""The copies that a decision is about, by their status."""
_TREATMENT_OF = {Choice.APPROVE: Action.PUBLISH, Choice.REJECT: Action.REJECT}


@dataclass(frozen=True, slots=True)
class Card:
    """A campaign in numbers. Each count stops at COUNTED."""

    campaign: Campaign
    counts: Mapping[CommentStatus, int]

    @property
    def is_open(self) -> bool:
        """Whether a copy still waits for a person."""
        return self.counts[CommentStatus.FLAGGED] > 0


@dataclass(frozen=True, slots=True)
class CampaignPart:
    """The part of a campaign that one press decides, and where the next one goes on."""

    choice: ModeratorChoice
    until: str
    after: str | None = None
    overturns: bool = False  # decides also what a person has approved
    batch_id: str | None = None
    ticks: Ticks | None = None  # that were shown; None: the campaign's one text
    mentions: bool = False  # decides also near copies with words of their own


@dataclass(frozen=True, slots=True)
class DecidedCampaign:
    batch_id: str
    decided: int
    left_out: int
    after: str | None  # None at the end
    until: str


@dataclass(frozen=True, slots=True)
class Page:
    """The copies of one part, without those that a person has approved."""

    chosen: Sequence[tuple[str, int]]  # ids, and the versions that are decided
    seen: int
    after: str | None
    overturned: Mapping[str, str]  # by comment, a person's decision on it


def card(conn: Connection, campaign: Campaign) -> Card:
    return Card(campaign, {s: campaign_copies.count(conn, campaign.id, s, at_most=COUNTED + 1) for s in CommentStatus})


def covered(conn: Connection, campaign_id: str, choice: Choice) -> int:
    """How many copies of the text the choice decides. The count of each status stops at COUNTED."""
    return sum(
        campaign_copies.count(conn, campaign_id, status, at_most=COUNTED + 1, shares_only=False)
        for status in COVERED[choice]
    )


def left(conn: Connection, campaign_id: str, part: CampaignPart) -> int:
    """How many copies this part and those after it decide. The count stops at COUNTED."""
    return len(_copies(conn, campaign_id, part, most=COUNTED + 1))


def decide(
    db: Database, moderator: Moderator, campaign_id: str, part: CampaignPart, *, now: datetime, hold_s: float
) -> DecidedCampaign:
    """Decides the next copies, at most MAX_BATCH. Those that somebody changes meanwhile are left out, and so are those
    that only leads decide. Raises NotFound, and InvalidInput for an unknown reason."""
    with db.read() as conn:
        _check(conn, at_sites(conn, moderator.roles, campaign_id), part.choice)
    next_page = page(db, campaign_id, part)
    batch_id = part.batch_id or new_id()
    batch = bulk.Batch(batch_id, 0, 0)
    if next_page.chosen:
        try:
            batch = bulk.decide_each(
                db,
                moderator,
                next_page.chosen,
                part.choice,
                now=now,
                hold_s=hold_s,
                batch_id=batch_id,
                overturned=next_page.overturned,
            )
        except LeadsDecide:
            batch = bulk.Batch(batch_id, 0, len(next_page.chosen))
    return DecidedCampaign(batch_id, batch.decided, next_page.seen - batch.decided, next_page.after, part.until)


def page(db: Database, campaign_id: str, part: CampaignPart) -> Page:
    """The next copies to decide, in the order of arrival."""
    with db.read() as conn:
        shown = reach.of(conn, campaign_id, part.ticks)
        copies = _copies(conn, campaign_id, part, most=MAX_BATCH)
        ids = [id for id, _version, _status in copies]
        unread = reach.unread(conn, shown, ids, with_own_words=part.mentions)
        online = [id for id, _version, status in copies if status is CommentStatus.PUBLISHED]
        by_people = decisions_by_people(conn, online)
    kept = {} if part.overturns else by_people
    chosen = [(id, version) for id, version, _status in copies if id not in kept and id not in unread]
    after = copies[-1][0] if len(copies) == MAX_BATCH else None
    return Page(chosen, len(copies), after, by_people if part.overturns else {})


def treat(
    db: Database,
    moderator: Moderator,
    campaign_id: str,
    choice: Choice,
    reason: str | None,
    *,
    batch_id: str,
    seen_at: datetime,
    now: datetime,
    ticks: Ticks | None = None,
) -> Treatment:
    """Later near copies of the ticked texts are treated like this, for seven days. Approving lets no comment past other
    rules: being a copy is then no reason to hold it."""
    with db.write() as conn:
        campaign = at_sites(conn, moderator.roles, campaign_id)
        _check(conn, campaign, ModeratorChoice(choice, 0, reason))
        shown = reach.of(conn, campaign_id, ticks)
        until = now + timedelta(days=TREATED_DAYS)
        treatment = Treatment(_TREATMENT_OF[choice], reason, until, moderator.name)
        by = actors.person(moderator)
        set_treatment(
            conn,
            campaign,
            treatment,
            by=by,
            moderator_id=moderator.id,
            seen_at=min(seen_at, now),
            shown=shown,
            batch_id=batch_id,
            now=now,
        )
    return treatment


def end_treatments_of(db: Database, moderator: Moderator, batch_id: str, *, now: datetime) -> None:
    """Ends what was decided for the week together with a batch that is undone."""
    with db.write() as conn:
        for campaign in campaigns.treated_with(conn, tuple(moderator.roles), batch_id):
            set_treatment(conn, campaign, None, by=actors.person(moderator), moderator_id=None, now=now)


def end_treatment(db: Database, moderator: Moderator, campaign_id: str, *, now: datetime) -> None:
    """Again is no error."""
    with db.write() as conn:
        campaign = at_sites(conn, moderator.roles, campaign_id)
        if campaign.treatment is not None:
            set_treatment(conn, campaign, None, by=actors.person(moderator), moderator_id=None, now=now)


def set_treatment(
    conn: Connection,
    campaign: Campaign,
    treatment: Treatment | None,
    *,
    by: Actor,
    moderator_id: str | None,
    now: datetime,
    shown: ShownTexts | None = None,
    seen_at: datetime | None = None,
    batch_id: str | None = None,
) -> None:
    """Sets what happens to further copies, with its entry in the audit trail. It holds for near copies of the texts
    that were shown, or of the one text of the campaign. Raises InvalidInput if none were and it has several."""
    seen = None
    if treatment is not None:
        seen = (shown or reach.of_its_text(conn, campaign.id)).texts
    campaign_changes.treat(
        conn, campaign.id, treatment, moderator_id, seen_at=seen_at or now, seen=seen, batch_id=batch_id
    )
    audit_writing.note(
        conn,
        by,
        "campaign.treated" if treatment else "campaign.treatment_ended",
        site_id=campaign.site_id,
        subject=f"campaign of {campaign.copies} copies ({campaign.id})",
        before=_in_trail(campaign.treatment),
        after=_in_trail(treatment),
        now=now,
    )


def _in_trail(treatment: Treatment | None) -> dict[str, str | None] | None:
    if treatment is None:
        return None
    until = treatment.until.isoformat(timespec="seconds")
    return {"action": treatment.action, "reason": treatment.reason, "until": until}


def at_sites(conn: Connection, site_ids: Collection[str], campaign_id: str) -> Campaign:
    campaign = campaigns.get(conn, campaign_id)
    if campaign.site_id not in site_ids:
        raise NotFound("campaign", campaign_id)
    return campaign


def _check(conn: Connection, campaign: Campaign, decided: ModeratorChoice) -> None:
    if decided.choice not in COVERED:
        raise InvalidInput(FieldProblem("choice", "choose approve or reject"))
    known = sites.get_site(conn, campaign.site_id).settings.rejection_reasons
    if decided.reason is not None and (decided.choice is not Choice.REJECT or decided.reason not in known):
        raise InvalidInput(FieldProblem("reason", "must be one of the site's reasons for rejection"))


def _copies(
    conn: Connection, campaign_id: str, part: CampaignPart, *, most: int
) -> list[tuple[str, int, CommentStatus]]:
    """(id, version, status) in the order of arrival."""
    by_status = [
        [
            (id, version, status)
            for id, version in campaign_copies.ids(
                conn,
                campaign_id,
                status,
                after=part.after,
                until=part.until,
                limit=most,
                ticks=part.ticks,
                shares_too=part.mentions,
            )
        ]
        for status in COVERED[part.choice.choice]
    ]
    return list(heapq.merge(*by_status))[:most]


def decisions_by_people(conn: Connection, comment_ids: Sequence[str]) -> dict[str, str]:
    """By comment, the newest decision, if a person made it."""
    latest = decisions.latest_by_comment(conn, comment_ids) if comment_ids else {}
    return {id: decision.id for id, decision in latest.items() if decision.decided_by in PEOPLE}
