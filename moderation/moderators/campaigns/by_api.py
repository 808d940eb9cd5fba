"""A site's own decision on a campaign, by the API: as at the desk, in parts of a thousand copies that are one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, MoveNotAllowed, NotFound, StaleVersion
from moderation.ground.values.campaigns import Treatment
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import Action, DecidedBy
from moderation.moderators.campaigns import copy_rows as campaign_copies
from moderation.moderators.campaigns import reach
from moderation.moderators.campaigns import reviewing as campaign_review
from moderation.moderators.campaigns import rows as campaigns
from moderation.moderators.campaigns.copy_rows import Ticks
from moderation.moderators.campaigns.reviewing import TREATED_DAYS, CampaignPart, DecidedCampaign
from moderation.moderators.campaigns.rows import Campaign
from moderation.moderators.review.bulk import CHUNK
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites.audit.actors import Actor
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Move
from moderation.spine.comments.stale_versions import check
from moderation.spine.events import rows as events

CHOICE_OF = {Action.PUBLISH: Choice.APPROVE, Action.REJECT: Choice.REJECT}


@dataclass(frozen=True, slots=True)
class SeenComment:
    """A comment that the caller read, by the site's own id, at the version that it had then."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class CampaignWish:
    """Without ``seen``, it is about the campaign's one text."""

    action: Action  # PUBLISH or REJECT
    reason: str | None = None
    note: str | None = None
    overturns: bool = False
    mentions: bool = False
    seen: tuple[SeenComment, ...] | None = None


def find(db: Database, site_id: str, campaign_id: str) -> Campaign:
    """Raises NotFound, also if the campaign is of another site."""
    with db.read() as conn:
        campaign = campaigns.get(conn, campaign_id)
    if campaign.site_id != site_id:
        raise NotFound("campaign", campaign_id)
    return campaign


def decide(
    db: Database,
    site_id: str,
    campaign_id: str,
    wish: CampaignWish,
    *,
    now: datetime,
    going_on: tuple[str, str, str] | None,
) -> DecidedCampaign:
    """``going_on`` holds the last id, the cut-off and the batch of the part before. Raises NotFound, StaleVersion of a
    comment that was seen, and InvalidInput."""
    find(db, site_id, campaign_id)
    after, until, batch_id = going_on or (None, new_id(), new_id())
    choice = ModeratorChoice(CHOICE_OF[wish.action], 0, wish.reason, wish.note)
    with db.read() as conn:
        ticks = _ticks(conn, site_id, campaign_id, wish.seen, batch_id)
    part = CampaignPart(choice, until, after, wish.overturns, batch_id, ticks=ticks, mentions=wish.mentions)
    page = campaign_review.page(db, campaign_id, part)
    decided = _each(db, page.chosen, wish, batch_id, now)
    return DecidedCampaign(batch_id, decided, page.seen - decided, page.after, until)


def treat(
    db: Database,
    site_id: str,
    campaign_id: str,
    action: Action,
    reason: str | None,
    *,
    by: Actor,
    now: datetime,
    seen: tuple[SeenComment, ...] | None = None,
) -> Campaign:
    """For seven days from now: near copies of the texts in ``seen``, or of the campaign's one text. Raises as
    ``decide`` does."""
    until = now + timedelta(days=TREATED_DAYS)
    return _set(db, site_id, campaign_id, Treatment(action, reason, until, ""), by, now, seen=seen)


def end_treatment(db: Database, site_id: str, campaign_id: str, *, by: Actor, now: datetime) -> Campaign:
    """Again is no error. Raises NotFound."""
    campaign = find(db, site_id, campaign_id)
    return campaign if campaign.treatment is None else _set(db, site_id, campaign_id, None, by, now)


def _set(
    db: Database,
    site_id: str,
    campaign_id: str,
    treatment: Treatment | None,
    by: Actor,
    now: datetime,
    *,
    seen: tuple[SeenComment, ...] | None = None,
) -> Campaign:
    campaign = find(db, site_id, campaign_id)
    with db.write() as conn:
        ticks = _ticks(conn, site_id, campaign_id, seen, None)
        shown = reach.of(conn, campaign_id, ticks) if treatment is not None else None
        campaign_review.set_treatment(conn, campaign, treatment, by=by, moderator_id=None, shown=shown, now=now)
        return campaigns.get(conn, campaign_id)


def _ticks(
    conn: Connection, site_id: str, campaign_id: str, seen: Sequence[SeenComment] | None, batch_id: str | None
) -> Ticks | None:
    """The comments of the campaign that the caller read, as a person ticks them at the desk."""
    if seen is None:
        return None
    read = [_read(conn, site_id, comment, f"seen[{place}].id", batch_id) for place, comment in enumerate(seen)]
    here = campaign_copies.among(conn, campaign_id, [comment.id for comment in read])
    strangers = [place for place, comment in enumerate(read) if comment.id not in here]
    if strangers:
        raise InvalidInput(*(FieldProblem(f"seen[{place}].id", "is not in the campaign") for place in strangers))
    if not read:
        raise InvalidInput(FieldProblem("seen", "name at least one comment"))
    return Ticks(here, here, more=True)


def _read(conn: Connection, site_id: str, seen: SeenComment, field: str, batch_id: str | None) -> Comment:
    """Raises StaleVersion, unless this very batch has changed the comment since."""
    comment = comments.find_comment(conn, site_id, seen.id)
    if comment is None:
        raise InvalidInput(FieldProblem(field, f"no comment has the id {seen.id!r}"))
    latest = decisions.latest_decision(conn, comment.id) if comment.version == seen.version + 1 else None
    is_ours = latest is not None and latest.batch_id is not None and latest.batch_id == batch_id
    return (
        comment
        if is_ours and latest is not None and latest.version == seen.version
        else check(conn, comment, seen.version)
    )


def _each(db: Database, chosen: Sequence[tuple[str, int]], wish: CampaignWish, batch_id: str, now: datetime) -> int:
    """How many were decided. Those that changed meanwhile are left out."""
    decided = 0
    for start in range(0, len(chosen), CHUNK):
        with db.write() as conn:
            for comment_id, version in chosen[start : start + CHUNK]:
                try:
                    with conn.begin_nested():
                        comment = check(conn, comments.get_by_id(conn, comment_id), version)
                        move = Move(
                            comment=comment,
                            decided_by=DecidedBy.API,
                            to=wish.action.status,
                            due_at=now,
                            reason=wish.reason,
                            note=wish.note,
                            batch_id=batch_id,
                        )
                        events.hasten(conn, comment.id, now=now)
                        record(conn, move, now=now)
                    decided += 1
                except (StaleVersion, MoveNotAllowed, NotFound):
                    continue
    return decided
