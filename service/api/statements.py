"""Statements of reasons: for the site by API, and for the author as a page behind a signed link, without an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Literal

from flask import Blueprint, Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as BaseResponse

from moderation.ground.values.decisions import Decision
from moderation.ground.wording.sentences import Sentences
from moderation.law.appeals import deciders, making, wording
from moderation.law.appeals import rows as appeals
from moderation.law.appeals.values import MAX_CHARS, Appeal
from moderation.law.statements import announcing, building, choosing, links
from moderation.law.statements import rows as store
from moderation.law.statements.building import Statement
from moderation.law.statements.facts import Source
from moderation.sites import own_texts
from moderation.sites import rows as sites
from moderation.sites.keys import Scope
from moderation.sites.rows import Site
from moderation.sites.rules import rows as rule_books
from moderation.sites.rules.values import HouseRule
from moderation.spine.comments import rows as comments
from service.api import linked_pages, responses, views
from service.api.authors import measure_page
from service.api.fields import DecisionPath
from service.api.schemas import measure_schemas, statement_schemas
from service.auth import current_key, needs, open_to_all
from service.context import gavel, utc_now

MAX_FORM_BYTES = 64 * 1024
_FOUND_BY: Mapping[Source, Literal["notice", "report", "own_initiative"]] = {
    Source.TRUSTED_FLAGGER: "notice",
    Source.NOTICE: "notice",
    Source.REPORT: "report",
    Source.OWN_INITIATIVE: "own_initiative",
}

statements = APIBlueprint("statements", __name__, url_prefix="/v1", abp_tags=[Tag(name="Decisions")])
statement_page = Blueprint("statement_page", __name__)


@dataclass(frozen=True, slots=True)
class StatementWithAppeal:
    """A statement with the appeal against its decision."""

    site: Site
    statement: Statement
    comment_text: str  # empty where it was edited or erased since
    words: Sentences  # the site's, in the statement's language
    appeal: Appeal | None
    may_appeal: bool
    is_alone: bool  # nobody but the person who made the decision could decide an appeal
    rule: HouseRule | None  # that the statement names, if readers find it in the rule book


@statements.get(
    "/decisions/<id>/statement",
    operation_id="getStatement",
    responses={200: statement_schemas.Statement, **responses.problems(404, 422)},
)
@needs(Scope.READ)
def get_statement(path: DecisionPath) -> Response:
    """Read the statement of reasons for a decision

    Every decision that rejects a comment, or takes a published one offline, has one. It stays readable when the
    decision is undone or changed. All other decisions get 404.
    """
    site_id, decision_id = current_key().site_id, str(path.id)
    announcing.ensure_secret(gavel().database, site_id)  # where all decisions are from before there were statements
    with gavel().database.read() as conn:
        receipt = _receipt(conn, site_id, decision_id)
        secret = store.secret_of(conn, site_id)
    assert secret is not None
    return views.reply(_shown(receipt, links.path(secret, decision_id, receipt.statement.object_until)))


@statement_page.get("/statements/<token>")
@open_to_all
def show_statement(token: str) -> Response:
    """The statement for its author, with the form for an appeal or its outcome. A link that is forged or has expired
    shows nothing but that."""
    receipt = _linked(token)
    return measure_page.show(token) if receipt is None else _statement(token, receipt)


@statement_page.post("/statements/<token>")
@open_to_all
def appeal(token: str) -> BaseResponse:
    """Takes the author's appeal against a decision, or against a measure."""
    request.max_content_length = MAX_FORM_BYTES
    receipt = _linked(token)
    if receipt is None:
        return measure_page.appeal(token)
    about = receipt.statement.about
    appealing = partial(making.appeal, gavel().database, about.site_id, about.step.id)
    return linked_pages.take_appeal(token, receipt.words, appealing, partial(_statement, token, receipt))


def _linked(token: str) -> StatementWithAppeal | None:
    return linked_pages.linked(token, store.site_of, appeals.of_decision, _receipt)


def _receipt(conn: Connection, site_id: str, decision_id: str) -> StatementWithAppeal:
    """Raises NotFound."""
    site = sites.get_site(conn, site_id)
    about = store.get_decided(conn, site_id, decision_id)
    is_alone = deciders.is_alone(conn, about)
    speaker, now = own_texts.speaker(conn, site_id), utc_now()
    statement = building.statement(about, site.settings, is_alone=is_alone, speaker=speaker)
    words, may = speaker(statement.language), making.may_appeal(conn, statement, site.settings, now=now)
    appeal = appeals.of_decision(conn, decision_id)
    if appeal is not None or not about.holds or now >= statement.object_until:
        awaits_another = appeal is not None and appeal.decided_at is None and not is_alone
        closed = building.without_appeal(statement.paragraphs, site.settings, words, awaits_another=awaits_another)
        statement = replace(statement, paragraphs=closed)
    text = comments.get_by_id(conn, about.step.comment_id).text if about.is_of_present_text else ""
    return StatementWithAppeal(site, statement, text, words, appeal, may, is_alone, _rule(conn, site, statement))


def _rule(conn: Connection, site: Site, statement: Statement) -> HouseRule | None:
    if statement.ground.name is None or site.settings.rules_url:
        return None
    step = statement.about.step
    reason = choosing.reason_of(site.settings, step.reason, step.reasons)
    return next((rule for rule in rule_books.words(conn, site.id) if reason and rule.reason == reason), None)


def _statement(
    token: str, receipt: StatementWithAppeal, *, text: str = "", problem: str = "", status: int = HTTPStatus.OK
) -> Response:
    statement, appeal = receipt.statement, receipt.appeal
    return linked_pages.of_site(
        receipt.site,
        receipt.words,
        "statement.html",
        status,
        token=token,
        statement=statement,
        about=statement.about,
        comment_text=receipt.comment_text,
        appeal=appeal,
        said=wording.said(appeal, receipt.words) if appeal else None,
        may_appeal=receipt.may_appeal,
        is_alone=receipt.is_alone,
        rule=receipt.rule,
        text=text,
        problem=problem,
        most=MAX_CHARS,
    )


def _shown(receipt: StatementWithAppeal, page: str) -> statement_schemas.Statement:
    statement, appeal = receipt.statement, receipt.appeal
    about, step, ground = statement.about, statement.about.step, statement.ground
    amended = about.amended_by
    return statement_schemas.Statement(
        decision_id=step.id,
        comment_id=about.comment_id,
        decided_at=step.created_at,
        posted_at=about.posted_at,
        restriction=about.restriction,
        holds=amended is None,
        amended_by=_amendment(amended) if amended else None,
        ended_at=about.ended_at,
        language=statement.language,
        ground=measure_schemas.StatedGround(
            kind=ground.kind,
            name=ground.name,
            provision=ground.provision,
            text=ground.text,
            category=ground.category,
            keywords=list(ground.keywords),
        ),
        facts=statement.facts,
        found_by=_FOUND_BY[about.source],
        automated_detection=about.was_found_by_machine,
        automated_decision=about.automation,
        object_until=statement.object_until,
        object_to=statement.contact,
        path=page,
        may_appeal=receipt.may_appeal,
        appeal=views.appeal(appeal, about.comment_id, receipt.words) if appeal else None,
        title=statement.title,
        paragraphs=[statement_schemas.Paragraph(heading=part.heading, text=part.text) for part in statement.paragraphs],
    )


def _amendment(step: Decision) -> statement_schemas.Amendment:
    return statement_schemas.Amendment(decision_id=step.id, at=step.created_at, status=step.status_after)
