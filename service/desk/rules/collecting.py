"""One key from the comment at hand to a case of a rule: the text as it would be kept, and the rule that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, NotFound
from moderation.insight.trials import collecting
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role, allow
from moderation.sites.rules import problems as limits
from moderation.sites.rules import writing
from moderation.spine.comments import rows as comments
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.rules import wording
from service.desk.rules.pages import must_asked
from service.languages.wording import N_

routes = Routes(under="rules")

PATH = "/rules/collect/<uuid:comment_id>"


@routes.get(PATH, role=Role.LEAD, title=N_("A case for the rule book"), endpoint="collect_case")
def show(comment_id: UUID) -> Response:
    return _screen(str(comment_id))


@routes.post(PATH, role=Role.LEAD, title=N_("A case for the rule book"))
def save_collected(comment_id: UUID) -> Response:
    comment, key = str(comment_id), request.form.get("rule", "")
    site_id = _site_of(comment)
    try:
        must, why = must_asked(), " ".join(request.form.get("why", "").split())
        collecting.collect(gavel().database, site_id, comment, key, must, why, by=actors.person(me()), now=utc_now())
    except InvalidInput as e:
        return _screen(comment, e.problems)
    return redirect(url_for("desk.rule", key=key, site=site_id, saved=1), HTTPStatus.SEE_OTHER)


def _site_of(comment_id: str) -> str:
    """Raises NotFound for a comment of a site that is not one's own, and NotAllowed where one is not a lead."""
    with gavel().database.read() as conn:
        site_id = comments.get_by_id(conn, comment_id).site_id
    if site_id not in me().roles:
        raise NotFound("comment", comment_id)
    allow(me(), site_id, Role.LEAD)
    return site_id


def _screen(comment_id: str, problems: Sequence[FieldProblem] = ()) -> Response:
    site_id = _site_of(comment_id)
    comment = collecting.collected(gavel().database, site_id, comment_id)
    return page(
        "desk/rules/collect.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        site_id=site_id,
        comment=comment,
        book=writing.rule_book(gavel().database, site_id),
        musts=wording.must_words(),
        origin=wording.origin_words()[comment.origin],
        given=request.form,
        limits=limits,
        problems=wording.problems_in_words(problems),
    )
