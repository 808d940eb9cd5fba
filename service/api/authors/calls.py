"""One reader's data: to read, to hand to them, and to erase."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from moderation.ground.errors import NotFound
from moderation.ground.values.statuses import CommentStatus
from moderation.law.notices import rows as notices
from moderation.moderators.authors import data_rows as author_data
from moderation.moderators.authors.data_rows import Record
from moderation.moderators.finding.list_rows import CommentsWanted, ListOrder
from moderation.operations.operating.deleting import erasing
from moderation.sites.keys import Scope
from service.api import responses, views
from service.api.authors import exporting
from service.api.comments import listing
from service.api.fields import AuthorPath, Query
from service.api.schemas import author_schemas
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now
from service.web import webhook_notices

authors = APIBlueprint("authors", __name__, url_prefix="/v1", abp_tags=[Tag(name="Authors")])


class AuthorQuery(Query):
    status: CommentStatus | None = None
    order: listing.ByTime = "newest"
    after: listing.After = None
    limit: listing.Limit = 50


@authors.get(
    "/authors/<path:id>",
    operation_id="getAuthor",
    responses={200: author_schemas.AuthorPage, **responses.problems(404, 422)},
)
@needs(Scope.READ)
def get_author(path: AuthorPath, query: AuthorQuery) -> Response:
    """Read a reader's record

    With the mark that moderators put on them, and their comments, newest first unless `order` says otherwise, in every
    status unless `status` names one.
    """
    record = _record(path.id)
    if record is None:
        raise NotFound("author", path.id)
    wanted = CommentsWanted(record.author.site_id, query.status, author_id=record.author.id)
    shown, following = listing.found(wanted, ListOrder(query.order), after=query.after, limit=query.limit)
    return views.reply(
        author_schemas.AuthorPage(author=views.author_record(record, utc_now()), comments=shown, next=following)
    )


@authors.get(
    "/authors/<path:id>/export",
    operation_id="exportAuthor",
    responses={200: author_schemas.AuthorExport, **responses.problems(404, 422)},
)
@needs(Scope.MODERATE)
def export_author(path: AuthorPath) -> Response:
    """Export everything that is kept about a reader

    As one JSON object, however much it is: every comment with its earlier texts, scores, decisions and reports, and the
    reports, appeals and notices that the reader made. An answer that breaks off is no JSON.
    """
    database, site_id, record = gavel().database, current_key().site_id, _record(path.id)
    with database.read() as conn:
        has_reported = bool(author_data.reports_by(conn, site_id, path.id, after=None, limit=1))
        has_noticed = bool(notices.of_reader(conn, site_id, path.id, after=None, limit=1))
    if record is None and not has_reported and not has_noticed:
        raise NotFound("author", path.id)
    parts = exporting.export(database, site_id, path.id, record, now=utc_now())
    return Response(parts, mimetype="application/json", headers={"Content-Disposition": "attachment"})


@authors.delete(
    "/authors/<path:id>",
    operation_id="eraseAuthor",
    responses={200: author_schemas.AuthorErased, **responses.problems(404, 422)},
)
@needs(Scope.MODERATE)
def erase_author(path: AuthorPath) -> Response:
    """Erase a reader for good

    Texts, earlier texts, name, marks, and the reports on their comments go; the comments are withdrawn; decisions stay
    without what they quoted. Again is no error, nor is a reader whom nobody knows.
    """
    site_id = current_key().site_id
    erased = erasing.erase(gavel().database, site_id, path.id, by=caller(), now=utc_now())
    webhook_notices.tell(site_id)
    return views.reply(author_schemas.AuthorErased(id=path.id, comments=erased.comments, reports_made=erased.reports))


def _record(external_id: str) -> Record | None:
    with gavel().database.read() as conn:
        return author_data.find_record(conn, current_key().site_id, external_id)
