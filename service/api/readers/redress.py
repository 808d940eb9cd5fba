"""A signed reader's redress: the measures that keep them from commenting, and appeals against these or against
decisions on their comments. It is also for readers who may not comment. Nobody learns of a measure about others."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from sqlalchemy.engine import Connection

from moderation.law.appeals import making as decision_appeals
from moderation.law.appeals import rows as appeals
from moderation.law.appeals.values import AppealSource, CommentAppeal, MeasureAppeal
from moderation.law.measure_appeals import making as measure_appeals
from moderation.law.statements import announcing, measure_statements
from moderation.law.statements import measure_rows as measures
from moderation.law.statements import rows as statements
from moderation.law.statements.measure_facts import MeasureAgainst
from moderation.pipeline.arriving import by_reader as rights
from moderation.sites import own_texts
from moderation.sites.settings.values import SiteSettings
from moderation.spine.articles import rows as articles
from service.api import responses, views
from service.api.appeals import received
from service.api.authors.measures import MeasuresQuery
from service.api.readers import bodies
from service.api.readers.admission import by_reader, current_reader
from service.api.schemas import measure_schemas, statement_schemas
from service.context import gavel, utc_now

redress = APIBlueprint("redress", __name__, url_prefix="/v1/reader", abp_tags=[Tag(name="Readers")])


@redress.get(
    "/measures",
    operation_id="listOwnMeasures",
    responses={200: bodies.OwnMeasures, **responses.problems(422)},
)
@by_reader
def list_own_measures(query: MeasuresQuery) -> Response:
    """List the suspensions and bans of the reader

    Newest first, those that have ended too.
    """
    who, now, before = current_reader(), utc_now(), str(query.after) if query.after else None
    announcing.ensure_secret(gavel().database, who.site_id)  # where nobody has signed a link yet
    with gavel().database.read() as conn:
        author = articles.find_author(conn, who.site_id, who.id)
        mine = measures.of_author(conn, author.id, before=before, limit=query.limit + 1) if author else []
        settings, key = statements.terms_of(conn, who.site_id)
        shown = [_shown(conn, about, settings, key, now) for about in mine[: query.limit]]
    following = shown[-1].id if len(mine) > query.limit else None
    return views.reply(bodies.OwnMeasures(measures=shown, next=following))


@redress.post(
    "/appeals",
    operation_id="appealAsReader",
    responses={201: statement_schemas.Appeal, **responses.problems(400, 404, 409, 413, 415, 422)},
)
@by_reader
def appeal(body: bodies.OwnAppeal) -> Response:
    """Appeal as the reader against the decision on a comment of theirs, or against a suspension or a ban

    By `comment_id` against the newest decision that rejected it or took it offline, once, while it holds; or by
    `measure_id`, once, unless somebody ended or changed the measure. Also for a reader who is suspended or banned.
    """
    if body.measure_id is not None:
        return received(_against_measure(str(body.measure_id), body.text))
    assert body.comment_id is not None  # one of both is there
    return received(_against_decision(body.comment_id, body.text))


def _against_decision(comment_id: str, text: str) -> CommentAppeal:
    who, database, source = current_reader(), gavel().database, AppealSource.READER
    with database.read() as conn:
        rights.own(conn, who.site_id, who.id, comment_id)
        decision_id = decision_appeals.decision_on(conn, who.site_id, comment_id)
    return decision_appeals.appeal(
        database, who.site_id, decision_id, text, source=source, now=utc_now(), author_id=who.id
    )


def _against_measure(measure_id: str, text: str) -> MeasureAppeal:
    who, database, source = current_reader(), gavel().database, AppealSource.READER
    return measure_appeals.appeal(
        database, who.site_id, measure_id, text, source=source, now=utc_now(), author_id=who.id
    )


def _shown(
    conn: Connection, about: MeasureAgainst, settings: SiteSettings, key: str | None, now: datetime
) -> bodies.OwnMeasure:
    stated, filed = measure_statements.statement(about, settings), appeals.of_measure(conn, about.id)
    words = own_texts.spoken(conn, about.site_id, filed.language) if filed else None
    return bodies.OwnMeasure(
        id=about.id,
        restriction=about.restriction,
        created_at=about.created_at,
        until=about.until,
        holds=about.holds_at(now),
        message=measure_schemas.AuthorMessage.model_validate(about.message) if about.message else None,
        statement_path=measure_statements.path_of(stated, key, now=now),
        may_appeal=measure_appeals.may_appeal(conn, stated, settings, now=now),
        appeal_until=stated.object_until,
        appeal=views.appeal(filed, None, words) if filed and words else None,
    )
