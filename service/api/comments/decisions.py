"""Decisions that the site itself makes, and its readers' reports."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from moderation.moderators.review import api_decisions
from moderation.readers.reports import reporting as reports
from moderation.readers.reports.reporting import Report
from moderation.sites.keys import Scope
from service.api import responses, views
from service.api.fields import CommentPath
from service.api.schemas import decision_schemas
from service.auth import current_key, needs
from service.context import gavel, utc_now
from service.web import webhook_notices

decisions = APIBlueprint("decisions", __name__, url_prefix="/v1", abp_tags=[Tag(name="Decisions")])

_REFUSALS = responses.problems(400, 404, 409, 413, 415, 422)


@decisions.post(
    "/comments/<id>/decisions",
    operation_id="decideComment",
    responses={201: decision_schemas.DecisionMade, **_REFUSALS},
)
@needs(Scope.MODERATE)
def decide_comment(path: CommentPath, body: decision_schemas.NewDecision) -> Response:
    """Decide a comment

    Works like a decision at the desk. `version` is the version of the comment that the person saw. If somebody has
    changed the comment since, the answer is 409, says who, and nothing changes.
    """
    site_id = current_key().site_id
    decided = api_decisions.rule(
        gavel().database,
        site_id,
        path.id,
        body.action,
        version=body.version,
        now=utc_now(),
        reason=body.rejected_for,
        note=body.note,
        answer=body.answer,
    )
    webhook_notices.tell(site_id)
    comment = views.accepted(decided.listed.comment, decided.listed.article_external_id)
    return views.reply(decision_schemas.DecisionMade(decision=views.decision(decided.decision), comment=comment), 201)


@decisions.post(
    "/comments/<id>/reports",
    operation_id="reportComment",
    responses={200: decision_schemas.ReportTaken, 201: decision_schemas.ReportTaken, **_REFUSALS},
)
@needs(Scope.POST)
def report_comment(path: CommentPath, body: decision_schemas.NewReport) -> Response:
    """Report a comment for a reader

    Each reader counts once: 201 for the first report, 200 if it was already counted. If the policy has a limit on
    `reports`, a published comment that reaches it goes to a person.
    """
    site_id = current_key().site_id
    report = Report(body.reporter_id, body.reason, body.note)
    taken = reports.report(gavel().database, site_id, path.id, report, now=utc_now())
    if taken.is_new:
        webhook_notices.tell(site_id)
    comment = views.accepted(taken.listed.comment, taken.listed.article_external_id)
    answer = decision_schemas.ReportTaken(comment=comment, reports=taken.reports)
    return views.reply(answer, 201 if taken.is_new else 200)
