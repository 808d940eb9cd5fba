"""Features a published comment as an editor's pick, or ends that."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, LeadsDecide, MoveNotAllowed, StaleVersion
from moderation.moderators.review import featuring
from moderation.moderators.review.featuring import Pick
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.rendering import is_partial, me
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.desk.queue.query import parse_query
from service.desk.review import screen
from service.languages.wording import gettext

routes = Routes(under="review")


@routes.post("/comments/<uuid:comment_id>/feature", role=Role.MODERATOR)
def feature(comment_id: UUID) -> Response:
    """``featured`` is 1 or 0. Leads back to the page Worth reading if the form came from there."""
    now, id = utc_now(), str(comment_id)
    view, hold_s = parse_query(request.form.get("view", ""), me(), now=now), gavel().settings.event_hold_s
    try:
        decision = featuring.pick(gavel().database, me(), _wish(id), now=now, hold_s=hold_s)
    except LeadsDecide as e:
        notice = gettext("Nothing was changed: %(reason)s.", reason=e)
        return screen.comment(view, id, notice=notice, status=HTTPStatus.FORBIDDEN)
    except MoveNotAllowed:
        notice = gettext("Nothing was changed: only published comments can be featured.")
        return screen.comment(view, id, notice=notice, status=HTTPStatus.CONFLICT)
    except StaleVersion:
        notice = gettext("Nothing was changed: somebody else changed this comment meanwhile.")
        return screen.comment(view, id, notice=notice, status=HTTPStatus.CONFLICT)
    if request.form.get("back") == "worth-reading":
        asked = urlencode(parse_qsl(request.form.get("query", "")))
        return redirect(f"{url_for('desk.worth_reading')}?{asked}", HTTPStatus.SEE_OTHER)
    if is_partial():
        return screen.comment(view, id, done=decision.id)
    return redirect(view.under(url_for("desk.comment", comment_id=id), done=decision.id), HTTPStatus.SEE_OTHER)


def _wish(comment_id: str) -> Pick:
    version, featured = whole(request.form.get("version", "")), request.form.get("featured")
    if version is None:
        raise InvalidInput(FieldProblem("version", gettext("must be a number")))
    if featured not in ("0", "1"):
        raise InvalidInput(FieldProblem("featured", gettext("must be 1 or 0")))
    return Pick(comment_id, version, featured == "1")
