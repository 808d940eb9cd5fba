"""A lead takes no notices from a warned notifier for some days, and takes them again."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.law.notices import suspending
from moderation.law.notices.values import LegalNotice
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.rendering import me
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.desk.queue.query import parse_query
from service.languages.wording import gettext

routes = Routes(under="review")


@routes.post("/notices/<uuid:notice_id>/suspension", role=Role.LEAD)
def suspend_notifier(notice_id: UUID) -> Response:
    """``days`` is how long it holds. Leads back to the comment."""
    days = whole(request.form.get("days", ""))
    if days is None:
        raise InvalidInput(FieldProblem("days", gettext("must be a number")))
    return _back(suspending.suspend(gavel().database, me(), str(notice_id), days, utc_now()))


@routes.post("/notices/<uuid:notice_id>/suspension/end", role=Role.LEAD)
def lift_notifier(notice_id: UUID) -> Response:
    """Leads back to the comment."""
    return _back(suspending.lift(gavel().database, me(), str(notice_id), utc_now()))


def _back(notice: LegalNotice) -> Response:
    view = parse_query(request.form.get("view", ""), me(), now=utc_now())
    return redirect(view.under(url_for("desk.comment", comment_id=notice.comment_id)), HTTPStatus.SEE_OTHER)
