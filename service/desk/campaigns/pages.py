"""Campaigns: a list, a page for each with one decision for all its copies, and the decisions that go on for a week."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.database.engine import moment_of, new_id
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.campaigns import listing_rows, texts
from moderation.moderators.campaigns import reviewing as campaign_review
from moderation.moderators.campaigns import rows as store
from moderation.moderators.campaigns.copy_rows import Ticks
from moderation.moderators.campaigns.listing_rows import After, CampaignOrder
from moderation.moderators.campaigns.opening import open_campaign
from moderation.moderators.campaigns.reviewing import COUNTED, COVERED, CampaignPart, DecidedCampaign
from moderation.moderators.campaigns.rows import Campaign
from moderation.moderators.finding.search_rows import SearchHit
from moderation.moderators.queue import rows as queue
from moderation.moderators.review.reviewing import Choice
from moderation.sites import rows as sites
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.campaigns.sizes import comments_in_words, contents_in_words
from service.desk.frame.addresses import id_in
from service.desk.frame.blind import blind_among
from service.desk.frame.excerpts import excerpts
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import in_figures, whole
from service.desk.frame.sentences.wording import reasons_in_words
from service.desk.frame.texts import marking
from service.desk.queue.offered_reasons import choice_in, first_of
from service.languages.wording import N_, gettext
from service.web import reading_time

routes = Routes(under="campaigns")

LINES = 20
MAX_SEARCHED = 200  # characters
ORDERS = {CampaignOrder.NEWEST: N_("Newest copies first"), CampaignOrder.LARGEST: N_("Largest first")}
PLACES = {"queue": "desk.review", "list": "desk.campaigns"}


@routes.get("/campaigns", role=Role.MODERATOR, title=N_("Campaigns"), place=25, endpoint="campaigns")
def show() -> Response:
    """Those with the newest copies first, or the largest; and above them what is decided for the week."""
    order = _order(request.args.get("order", ""))
    after = _cursor(request.args.get("before", ""), order)
    searched = request.args.get("q", "").strip()[:MAX_SEARCHED]
    mine = tuple(me().roles)
    with gavel().database.read() as conn:
        among, is_whole = listing_rows.with_words(conn, mine, searched) if searched else (None, True)
        campaigns = listing_rows.page(conn, mine, order, after=after, limit=LINES + 1, among=among)
        cards = [campaign_review.card(conn, campaign) for campaign in campaigns[:LINES]]
        first = {c.campaign.id: texts.shown_by(conn, c.campaign.id, reading_time.of_page()) for c in cards}
        begun = excerpts(conn, [comment for comment in first.values() if comment])
        treated = store.treated(conn, mine, now=utc_now())
        site_names = queue.site_names(conn, mine)
    last = campaigns[LINES - 1] if len(campaigns) > LINES else None
    return page(
        "desk/campaigns/campaigns.html",
        cards=cards,
        first=first,
        comments_in_words=comments_in_words,
        excerpts=begun,
        treated=[] if searched else treated,
        site_names=site_names,
        figures=_figures,
        order=order,
        orders={option: gettext(words) for option, words in ORDERS.items()},
        searched=searched,
        matches=None if is_whole else listing_rows.MATCHES,
        older=_older(last, order) if last else None,
    )


@routes.get("/campaigns/<uuid:campaign_id>", role=Role.MODERATOR, title=N_("Campaign"), endpoint="campaign")
def campaign(campaign_id: UUID) -> Response:
    """A box for each copy, and one decision for those that are ticked."""
    opened = open_campaign(gavel().database, me().roles, str(campaign_id), reading_time.of_page())
    campaign = opened.card.campaign
    with gavel().database.read() as conn:
        site = sites.get_site(conn, campaign.site_id)
        unlike = [mention.found for mention in opened.mentions] + list(opened.samples)
        begun = excerpts(conn, opened.copies) | excerpts(conn, unlike, chars=600)
        concealed = blind_among(conn, list(begun))
    treatment = campaign.treatment
    return page(
        "desk/campaigns/campaign.html",
        opened=opened,
        copies=_by_text(opened.copies, concealed),
        card=opened.card,
        size=contents_in_words(opened.contents) if opened.contents else comments_in_words(campaign.copies),
        excerpts=begun,
        concealed=concealed,
        site=site,
        treatment=treatment if treatment and treatment.until > utc_now() else None,
        rejection_reasons=reasons_in_words(site.settings, site.settings.offered_reasons),
        first=first_of(site.settings.offered_reasons, "campaign"),
        days=campaign_review.TREATED_DAYS,
        figures=_figures,
        veiled=marking.veiled,
        choices=Choice,
        statuses=CommentStatus,
    )


def _by_text(copies: Sequence[SearchHit], concealed: Collection[str]) -> list[list[SearchHit]]:
    """Those of one status that say the same, white space aside, in the place of the first. A blind check is alone: a
    group would show its status."""
    groups: dict[tuple[str, str], list[SearchHit]] = {}
    for copy in copies:
        kind = copy.id if copy.id in concealed else copy.status
        groups.setdefault((kind, " ".join(copy.text.split())), []).append(copy)
    return list(groups.values())


@routes.post("/campaigns/<uuid:campaign_id>/decisions", role=Role.MODERATOR)
def decide_campaign(campaign_id: UUID) -> Response:
    """Decides the ticked copies in parts of a thousand. The answer to all parts but the last says how far it is."""
    id, now, part = str(campaign_id), utc_now(), _part()
    if part.batch_id is None:
        part = replace(part, batch_id=new_id())
        _treat(id, part, now)
    hold_s = gavel().settings.event_hold_s
    outcome = campaign_review.decide(gavel().database, me(), id, part, now=now, hold_s=hold_s)
    if outcome.after is not None:
        return _progress(id, part, outcome)
    left_out = outcome.left_out + (whole(request.form.get("left_out", "0")) or 0)
    decided = outcome.decided + (whole(request.form.get("decided", "0")) or 0)
    if not decided:
        return redirect(url_for("desk.campaign", campaign_id=id), HTTPStatus.SEE_OTHER)
    return redirect(url_for("desk.batch", batch_id=outcome.batch_id, left_out=left_out), HTTPStatus.SEE_OTHER)


@routes.post("/campaigns/<uuid:campaign_id>/treatment/end", role=Role.MODERATOR)
def end_treatment(campaign_id: UUID) -> Response:
    """Ends the decision on further copies, and shows the list of those that go on."""
    campaign_review.end_treatment(gavel().database, me(), str(campaign_id), now=utc_now())
    return redirect(url_for("desk.campaigns"), HTTPStatus.SEE_OTHER)


def _treat(campaign_id: str, part: CampaignPart, now: datetime) -> None:
    """Sets the treatment if the box is ticked."""
    wish = part.choice
    if request.form.get("treat") and part.batch_id is not None:
        campaign_review.treat(
            gavel().database,
            me(),
            campaign_id,
            wish.choice,
            wish.reason,
            batch_id=part.batch_id,
            seen_at=moment_of(part.until),
            ticks=part.ticks,
            now=now,
        )


def _progress(campaign_id: str, part: CampaignPart, outcome: DecidedCampaign) -> Response:
    form = request.form
    decided = outcome.decided + (whole(form.get("decided", "0")) or 0)
    sent = {
        "choice": form.get("choice", ""),
        "note": form.get("note", ""),
        "overturns": form.get("overturns", ""),
        "copy": ",".join(sorted(part.ticks.ticked)) if part.ticks else "",
        "listed": ",".join(sorted(part.ticks.listed)) if part.ticks else "",
        "more": form.get("more", ""),
        "until": part.until,
        "after": outcome.after,
        "batch": outcome.batch_id,
        "decided": decided,
        "left_out": outcome.left_out + (whole(form.get("left_out", "0")) or 0),
    }
    with gavel().database.read() as conn:
        left = campaign_review.left(conn, campaign_id, replace(part, after=outcome.after))
    return page(
        "desk/campaigns/progress.html",
        campaign_id=campaign_id,
        batch_id=outcome.batch_id,
        sent=sent,
        decided=decided,
        left=in_figures(left, COUNTED),
    )


def _part() -> CampaignPart:
    form = request.form
    decided = choice_in(form, COVERED)
    until, after, batch = (id_in(form.get(name, "")) for name in ("until", "after", "batch"))
    if until is None:
        raise InvalidInput(FieldProblem("until", "must be the one of the page"))
    if after is None and batch is not None:
        raise InvalidInput(FieldProblem("after", "must be the one of the page"))
    ticks = Ticks(_ids("copy"), _ids("listed"), more=bool(form.get("more")))
    if not ticks.ticked and not ticks.more:
        raise InvalidInput(FieldProblem("copy", "tick at least one copy"))
    overturns = bool(form.get("overturns"))
    return CampaignPart(decided, until, after=after, overturns=overturns, ticks=ticks, batch_id=batch)


def _ids(name: str) -> frozenset[str]:
    """Each field with this name has one id or many."""
    written = ",".join(request.form.getlist(name)).split(",")
    return frozenset(id for id in map(id_in, written) if id is not None)


def _figures(count: int) -> str:
    return in_figures(count, COUNTED)


def _order(written: str) -> CampaignOrder:
    return CampaignOrder(written) if written in set(CampaignOrder) else CampaignOrder.NEWEST


def _older(last: Campaign, order: CampaignOrder) -> str:
    after = listing_rows.after(last, order)
    return f"{after.at.isoformat() if isinstance(after.at, datetime) else after.at}~{after.id}"


def _cursor(written: str, order: CampaignOrder) -> After | None:
    """An invalid one begins the list again."""
    at, _tilde, id = written.partition("~")
    try:
        if order is CampaignOrder.LARGEST:
            return After(int(at), str(UUID(id)))
        moment = datetime.fromisoformat(at)
        return After(moment, str(UUID(id))) if moment.tzinfo else None
    except ValueError:
        return None
