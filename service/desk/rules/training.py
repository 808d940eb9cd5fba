"""The test of the rule book, for new moderators: case by case without the right answer, then rule by rule. Leads see
how everybody did."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.moderators.queue import rows as queue
from moderation.sites.people.roles import Role, sites_where
from moderation.sites.rules import answer_rows as answers
from moderation.sites.rules import rows as store
from moderation.sites.rules import training
from moderation.sites.rules.values import Must
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.languages.wording import N_

routes = Routes(under="rules")


@routes.get("/rules/test", role=Role.MODERATOR, title=N_("Test yourself"), endpoint="rules_test")
def show() -> Response:
    """The next case, or how many were right."""
    site_id = site_asked()
    with gavel().database.read() as conn:
        book = store.read(conn, site_id)
        mine = answers.of_site(conn, site_id, me().id)
        given = answers.of_site(conn, site_id) if site_id in sites_where(me(), Role.LEAD) else []
        names = queue.site_names(conn, my_sites())
    said = {answer.case_id: answer.said for answer in mine}
    return page(
        "desk/rules/test.html",
        site_id=site_id,
        site_names=names,
        test=training.rule_test(book, said, me().id),
        people=training.of_people(book, given),
    )


@routes.post("/rules/test", role=Role.MODERATOR)
def answer_case() -> Response:
    site_id, case_id, said = site_asked(), request.form.get("case", ""), request.form.get("said", "")
    if said not in set(Must):
        raise InvalidInput(FieldProblem("said", N_("must be held or pass")))
    try:
        case_id = str(UUID(case_id))
    except ValueError as e:
        raise InvalidInput(FieldProblem("case", N_("must be the id of a case"))) from e
    training.answer(gavel().database, site_id, me().id, case_id, Must(said), now=utc_now())
    return redirect(url_for("desk.rules_test", site=site_id), HTTPStatus.SEE_OTHER)


@routes.post("/rules/test/again", role=Role.MODERATOR)
def begin_again() -> Response:
    site_id = site_asked()
    training.begin_again(gavel().database, site_id, me().id)
    return redirect(url_for("desk.rules_test", site=site_id), HTTPStatus.SEE_OTHER)
