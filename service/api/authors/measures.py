"""Measures about one reader, by the site itself: to take, to read and to undo. The desk takes them too."""

from __future__ import annotations

from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from sqlalchemy.engine import Connection

from moderation.ground.errors import NotFound
from moderation.ground.values.authors import Author
from moderation.law.statements import announcing
from moderation.moderators.authors import measure_rows as store
from moderation.moderators.authors import taking_measures as deciding
from moderation.moderators.authors.measure_rows import TakenMeasure
from moderation.sites.keys import Scope
from moderation.spine.articles import rows as articles
from moderation.spine.comments import rows as comments
from service.api import responses, views
from service.api.fields import AuthorPath, Query, Strict
from service.api.schemas import measure_schemas
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now
from service.web import webhook_notices

author_measures = APIBlueprint("author_measures", __name__, url_prefix="/v1", abp_tags=[Tag(name="Authors")])


class MeasurePath(Strict):
    id: UUID


class MeasuresQuery(Query):
    after: UUID | None = None
    limit: measure_schemas.Limit = 50


@author_measures.get(
    "/authors/<path:id>/measures",
    operation_id="listMeasures",
    responses={200: measure_schemas.MeasurePage, **responses.problems(404, 422)},
)
@needs(Scope.READ)
def list_measures(path: AuthorPath, query: MeasuresQuery) -> Response:
    """Read the measures about a reader

    Newest first, those that were undone too, and before them whether the reader may comment now.
    """
    now, author = utc_now(), _author(path.id)
    before = str(query.after) if query.after else None
    announcing.ensure_secret(gavel().database, author.site_id)
    with gavel().database.read() as conn:
        measures = store.history(conn, author.id, before=before, limit=query.limit + 1)
        shown = [views.measure(conn, taken) for taken in measures[: query.limit]]
    following = shown[-1].id if len(measures) > query.limit else None
    state = views.author_state(author, now)
    return views.reply(measure_schemas.MeasurePage(author=state, measures=shown, next=following))


@author_measures.post(
    "/authors/<path:id>/measures",
    operation_id="takeMeasure",
    responses={201: measure_schemas.MeasureTaken, **responses.problems(400, 404, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def take_measure(path: AuthorPath, body: measure_schemas.NewMeasure) -> Response:
    """Warn, hold, suspend, ban, trust or restore a reader

    Works like a measure at the desk. While a reader is suspended or banned, Gavel refuses their new comments with 403
    `author-suspended`. A `suspend` needs an end, in `days` or `until`; `hold` and `trust` may have one.
    """
    author, now = _author(path.id), utc_now()
    with gavel().database.write() as conn:
        about = comments.get_comment(conn, author.site_id, body.comment_id).id if body.comment_id else None
        wish = deciding.MeasureWish(
            body.measure,
            body.reason or "",
            rejection_reason=body.category if body.rejection_reason is None else body.rejection_reason,
            days=body.days,
            until=body.until,
            about_id=about,
            note=body.note,
            language=body.language,
        )
        taken = deciding.take_in(conn, author.id, wish, by=caller(), now=now, due_at=now)
        answer = _answer(conn, taken)
    webhook_notices.tell(author.site_id)
    return views.reply(answer, 201)


@author_measures.post(
    "/author-measures/<id>/undo",
    operation_id="undoMeasure",
    responses={200: measure_schemas.MeasureTaken, **responses.problems(404, 409, 422)},
)
@needs(Scope.MODERATE)
def undo_measure(path: MeasurePath) -> Response:
    """Undo the newest measure about a reader

    The mark that held before holds again, unless its end has passed. A measure that another one followed, or that is
    undone already, is refused with 409 `measure-followed`.
    """
    site_id, now = current_key().site_id, utc_now()
    with gavel().database.write() as conn:
        measure = store.find(conn, str(path.id))
        if measure is None or measure.site_id != site_id:
            raise NotFound("measure", str(path.id))
        answer = _answer(conn, deciding.undo_in(conn, measure, by=caller(), now=now))
    webhook_notices.tell(site_id)
    return views.reply(answer)


def _author(external_id: str) -> Author:
    with gavel().database.read() as conn:
        author = articles.find_author(conn, current_key().site_id, external_id)
    if author is None:
        raise NotFound("author", external_id)
    return author


def _answer(conn: Connection, taken: TakenMeasure) -> measure_schemas.MeasureTaken:
    author = articles.author_by_id(conn, taken.author_id)
    assert author is not None
    state = views.author_state(author, utc_now())
    return measure_schemas.MeasureTaken(author=state, measure=views.measure(conn, taken))
