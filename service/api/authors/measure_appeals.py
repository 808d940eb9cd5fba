"""Appeals against suspensions and bans, as the site passes them on and reads them. ``measure_page`` has the author's
page."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from moderation.law.appeals import rows as store
from moderation.law.appeals.values import AppealSource
from moderation.law.measure_appeals import making
from moderation.law.statements import measure_rows
from moderation.sites.keys import Scope
from service.api import responses
from service.api.appeals import received, stated
from service.api.authors.measures import MeasurePath
from service.api.schemas import statement_schemas
from service.auth import current_key, needs
from service.context import gavel, utc_now

measure_appeals = APIBlueprint("measure_appeals", __name__, url_prefix="/v1", abp_tags=[Tag(name="Authors")])


@measure_appeals.post(
    "/author-measures/<id>/appeal",
    operation_id="appealMeasure",
    responses={201: statement_schemas.Appeal, **responses.problems(400, 404, 409, 413, 415, 422)},
)
@needs(Scope.POST)
def appeal_measure(path: MeasurePath, body: statement_schemas.NewAppeal) -> Response:
    """Appeal against a suspension or a ban for its reader

    Once for each measure with a statement of reasons, until `object_until`, unless somebody ended or changed it. Later,
    or again, the answer is 409; 429 `too-many-appeals` where the site's limits of open appeals are reached.
    """
    site_id, source = current_key().site_id, AppealSource.API
    return received(making.appeal(gavel().database, site_id, str(path.id), body.text, source=source, now=utc_now()))


@measure_appeals.get(
    "/author-measures/<id>/appeal",
    operation_id="getMeasureAppeal",
    responses={200: statement_schemas.Appeal, **responses.problems(404, 422)},
)
@needs(Scope.READ)
def get_measure_appeal(path: MeasurePath) -> Response:
    """Read the appeal against a suspension or a ban"""
    measure_id = str(path.id)
    with gavel().database.read() as conn:
        measure_rows.get(conn, current_key().site_id, measure_id)
        appeal = store.of_measure(conn, measure_id)
    return stated(appeal, "appeal against measure", measure_id)
