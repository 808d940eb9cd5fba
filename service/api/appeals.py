"""Appeals against decisions, as the site passes them on and reads them. ``statements`` has the author's page, and
``readers`` the call of a signed reader."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from moderation.ground.errors import NotFound
from moderation.law.appeals import making
from moderation.law.appeals import rows as store
from moderation.law.appeals.values import Appeal, AppealSource, CommentAppeal
from moderation.law.statements import rows as statements
from moderation.sites import own_texts
from moderation.sites.keys import Scope
from service.api import responses, views
from service.api.fields import DecisionPath
from service.api.schemas import statement_schemas
from service.auth import current_key, needs
from service.context import gavel, utc_now
from service.web import webhook_notices

appeals = APIBlueprint("appeals", __name__, url_prefix="/v1", abp_tags=[Tag(name="Decisions")])


@appeals.post(
    "/decisions/<id>/appeal",
    operation_id="appealDecision",
    responses={201: statement_schemas.Appeal, **responses.problems(400, 404, 409, 413, 415, 422)},
)
@needs(Scope.POST)
def appeal_decision(path: DecisionPath, body: statement_schemas.NewAppeal) -> Response:
    """Appeal against a decision for its author

    Once for each decision with a statement of reasons, while it holds, until `object_until`. Later, or again, the
    answer is 409; 429 `too-many-appeals` where the site's limits of open appeals are reached. Suspended authors may
    appeal, too.
    """
    site_id, decision_id, source = current_key().site_id, str(path.id), AppealSource.API
    return received(making.appeal(gavel().database, site_id, decision_id, body.text, source=source, now=utc_now()))


@appeals.get(
    "/decisions/<id>/appeal",
    operation_id="getAppeal",
    responses={200: statement_schemas.Appeal, **responses.problems(404, 422)},
)
@needs(Scope.READ)
def get_appeal(path: DecisionPath) -> Response:
    """Read the appeal against a decision"""
    decision_id = str(path.id)
    with gavel().database.read() as conn:
        statements.get_decided(conn, current_key().site_id, decision_id)
        appeal = store.of_decision(conn, decision_id)
    return stated(appeal, "appeal against decision", decision_id)


def received(appeal: Appeal) -> Response:
    """The answer to a new appeal, of which the site's webhook hears."""
    webhook_notices.tell(appeal.site_id)
    return views.reply(_shown(appeal), 201)


def stated(appeal: Appeal | None, kind: str, id: str) -> Response:
    """The answer that says how an appeal stands. Raises NotFound for none, with its kind and the id that was asked
    for."""
    if appeal is None:
        raise NotFound(kind, id)
    return views.reply(_shown(appeal))


def _shown(appeal: Appeal) -> statement_schemas.Appeal:
    with gavel().database.read() as conn:
        comment_id = None
        if isinstance(appeal, CommentAppeal):
            comment_id = store.appealed(conn, appeal.decision_id).comment_external_id
        return views.appeal(appeal, comment_id, own_texts.spoken(conn, appeal.site_id, appeal.language))
