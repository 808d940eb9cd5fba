"""Appeals: those that wait for this person, one with its receipt, its thread and the author's words, and its outcome by
keys. The person who made the decision is not named."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, MeasureFollowed, StaleVersion
from moderation.ground.values.measures import Measure
from moderation.insight.checks import appealed
from moderation.law.appeals import deciders, deciding, figures, waiting, wording
from moderation.law.appeals import rows as store
from moderation.law.appeals.errors import AppealDecided
from moderation.law.appeals.values import (
    MAX_ANSWER_CHARS,
    Appeal,
    AppealOutcome,
    AppealReason,
    CommentAppeal,
    MeasureAppeal,
)
from moderation.law.measure_appeals import deciding as measure_deciding
from moderation.law.statements import building
from moderation.law.statements import rows as statements
from moderation.moderators.authors import measure_rows, taking_measures
from moderation.moderators.finding import context_rows
from moderation.moderators.queue import rows as queue
from moderation.sites import own_texts
from moderation.sites import rows as sites
from moderation.sites.people.roles import Role, sites_where
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments import rows as comments
from service.context import gavel, utc_now
from service.desk.appeals import measure_appeals, outcomes
from service.desk.frame import refusals, tallies
from service.desk.frame.blind import blind_among
from service.desk.frame.excerpts import NEAR_CHARS, TextToCut, excerpts
from service.desk.frame.rendering import me, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.wording import reason_title, reason_wording
from service.desk.frame.texts import marking
from service.desk.frame.texts.marking import Excerpt
from service.desk.review import author_card
from service.languages.wording import N_, gettext
from service.web import webhook_notices

routes = Routes(under="appeals")

LINES = 50
MEASURES = 5  # about the author, the newest
GONE = N_("Somebody else decided that appeal, or the comment changed. Your decision was not saved.")


@routes.get("/appeals", role=Role.MODERATOR, title=N_("Appeals"), place=22, endpoint="appeals")
def show() -> Response:
    """The appeals that wait for this person, oldest first, and the figures of one site."""
    site_id, now = site_asked(), utc_now()
    with gavel().database.read() as conn:
        appeals = waiting.for_person(conn, me(), limit=LINES + 1)
        others = waiting.of_others(conn, me())
        begun = _begun(conn, appeals)
        counted = figures.of_site(conn, site_id, now=now)
        site = sites.get_site(conn, site_id)
        site_names = queue.site_names(conn, tuple(me().roles))
        done = _done(conn, request.args.get("done"))
    return page(
        "desk/appeals/appeals.html",
        found=appeals[:LINES],
        is_more=len(appeals) > LINES,
        others=others,
        begun=begun,
        figures=counted,
        days=figures.WINDOW.days,
        site=site,
        site_id=site_id,
        site_names=site_names,
        **done,
        rule_named=_rule_named,
        reason_named=partial(_reason_named, site.settings),
        measure_named=lambda name: author_card.measure_words()[Measure(name)],
        notice=gettext(GONE) if "gone" in request.args else None,
        beside_tabs=tallies.of_person(me(), anew=True),
    )


@routes.get("/appeals/<uuid:appeal_id>", role=Role.MODERATOR, title=N_("Appeal"), endpoint="appeal")
def appeal(appeal_id: UUID) -> Response:
    """One appeal. Decided already, it shows its outcome."""
    return _appeal(str(appeal_id))


@routes.post("/appeals/<uuid:appeal_id>/outcome", role=Role.MODERATOR)
def decide_appeal(appeal_id: UUID) -> Response:
    """Decides by the reason, and opens the next appeal."""
    id, answer = str(appeal_id), request.form.get("answer", "")
    try:
        appeal = _decided(id, _reason(), answer)
    except InvalidInput as e:
        notice = " ".join(map(refusals.in_words, e.problems))
        return _appeal(id, notice=notice, answer=answer, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except (AppealDecided, StaleVersion, MeasureFollowed):
        return redirect(url_for("desk.appeals", gone=1), HTTPStatus.SEE_OTHER)
    webhook_notices.tell(appeal.site_id)
    tallies.of_person(me(), anew=True)
    with gavel().database.read() as conn:
        following = waiting.next_for(conn, me(), after=id)
    if following is None:
        return redirect(url_for("desk.appeals", site=appeal.site_id, done=id), HTTPStatus.SEE_OTHER)
    return redirect(url_for("desk.appeal", appeal_id=following, done=id), HTTPStatus.SEE_OTHER)


def _appeal(appeal_id: str, *, notice: str | None = None, answer: str = "", status: int = HTTPStatus.OK) -> Response:
    with gavel().database.read() as conn:
        appeal = deciding.find(conn, me(), appeal_id)
        read = _around(conn, appeal) | _about(conn, appeal)
    return page(
        "desk/appeals/measure_appeal.html" if isinstance(appeal, MeasureAppeal) else "desk/appeals/appeal.html",
        status=status,
        appeal=appeal,
        **read,
        most=MAX_ANSWER_CHARS,
        notice=notice,
        answer=answer,
    )


def _around(conn: Connection, appeal: Appeal) -> dict[str, Any]:
    """All that does not depend on what the appeal is against."""
    words = own_texts.spoken(conn, appeal.site_id, appeal.language)
    return {
        "is_own": me().id in deciders.of_appeal(conn, appeal)[1],
        "site_names": queue.site_names(conn, tuple(me().roles)),
        "said": wording.said(appeal, words),
        "following": waiting.next_for(conn, me(), after=appeal.id),
        "own_case": _case_of(appeal),
        **_done(conn, request.args.get("done")),
    }


def _read(conn: Connection, appeal: CommentAppeal) -> dict[str, Any]:
    """The comment with its thread, its author and the receipt."""
    context = context_rows.load(conn, appeal.comment_id)
    site = sites.get_site(conn, appeal.site_id)
    speaker = own_texts.speaker(conn, appeal.site_id)
    neighbours = [*context.ancestors, *context.replies]
    about = statements.get_decided(conn, appeal.site_id, appeal.decision_id)
    return {
        "site": site,
        "context": context,
        "text": marking.veiled(context.comment.text),
        "statement": building.statement(about, site.settings, speaker=speaker),
        "reasons": outcomes.of_comment(speaker),
        "near": excerpts(conn, neighbours, chars=NEAR_CHARS),
        "concealed": blind_among(conn, [n.id for n in neighbours]),
        "standing": context.author.standing_at(utc_now()),
        "standings": author_card.standings(),
        "measures": measure_rows.history(conn, context.author.id, limit=MEASURES),
        "done_words": author_card.done_words,
    }


def _about(conn: Connection, appeal: Appeal) -> dict[str, Any]:
    if isinstance(appeal, MeasureAppeal):
        return measure_appeals.read(conn, appeal)
    assert isinstance(appeal, CommentAppeal)
    return _read(conn, appeal)


def _begun(conn: Connection, appeals: Sequence[Appeal]) -> dict[str, str | Excerpt]:
    """By appeal, what it is about: the beginning of the comment, or the measure."""
    on_comments = [appeal for appeal in appeals if isinstance(appeal, CommentAppeal)]
    texts = comments.texts(conn, [appeal.comment_id for appeal in on_comments])
    cut = excerpts(conn, itertools.starmap(TextToCut, texts.items()))
    begun: dict[str, str | Excerpt] = {appeal.id: cut[appeal.comment_id] for appeal in on_comments}
    for appeal in appeals:
        if isinstance(appeal, MeasureAppeal):
            begun[appeal.id] = author_card.done_words(measure_appeals.measure(conn, appeal))
    return begun


def _decided(id: str, reason: AppealReason, answer: str) -> Appeal:
    db, now = gavel().database, utc_now()
    with db.read() as conn:
        appeal = deciding.find(conn, me(), id)
    if isinstance(appeal, MeasureAppeal):
        lift = taking_measures.lift_in
        return measure_deciding.decide(db, me(), id, reason, lift=lift, answer=answer, now=now)
    return deciding.decide(db, me(), id, reason, judged=appealed.count, answer=answer, now=now)


def _reason() -> AppealReason:
    given = request.form.get("reason", "")
    if given not in set(AppealReason):
        raise InvalidInput(FieldProblem("reason", "choose one of the five reasons"))
    return AppealReason(given)


def _rule_named(name: str) -> str:
    return reason_title(name) if name else gettext("A person decided")


def _reason_named(settings: SiteSettings, name: str) -> str:
    return reason_wording(settings, name) if name else gettext("No reason given")


def _done(conn: Connection, id: str | None) -> dict[str, Any]:
    """The sentence about the appeal that was decided before this page, and its comment if it may become a case."""
    try:
        appeal = store.find(conn, str(UUID(id))) if id else None
    except ValueError:
        appeal = None
    if appeal is None or appeal.site_id not in me().roles:
        return {}
    return {"done": outcomes.done(appeal), "case_of": _case_of(appeal)}


def _case_of(appeal: Appeal) -> str | None:
    """The comment, where the author was right and this person leads the site."""
    if not isinstance(appeal, CommentAppeal) or appeal.outcome is not AppealOutcome.OVERTURNED:
        return None
    return appeal.comment_id if appeal.site_id in sites_where(me(), Role.LEAD) else None
