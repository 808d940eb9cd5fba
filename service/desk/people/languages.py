"""One's own language and time zone, on the page of one's account."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.sites.people.roles import Role
from moderation.sites.rows import set_preferences
from service.context import gavel
from service.desk.frame.rendering import me
from service.desk.frame.routes import Routes
from service.languages import catalogues
from service.languages.choice import LANGUAGE, TIME_ZONE, zones
from service.languages.wording import gettext

routes = Routes()


@routes.post("/account/language", role=Role.MODERATOR)
def set_language() -> Response:
    """Without a language, the pages follow the browser."""
    chosen = {
        LANGUAGE: _one_of(("", *catalogues.codes()), LANGUAGE, gettext("choose a language from the list")),
        TIME_ZONE: _one_of(zones(), TIME_ZONE, gettext("choose a time zone from the list")),
    }
    with gavel().database.write() as conn:
        set_preferences(conn, me().id, {**me().preferences, **chosen})
    return redirect(url_for("desk.account"), HTTPStatus.SEE_OTHER)


def offered() -> list[tuple[str, str]]:
    """Each language's code, and its name in itself."""
    return [(code, catalogues.name(code)) for code in catalogues.codes()]


def _one_of(allowed: Collection[str], field: str, problem: str) -> str:
    given = request.form.get(field, "")
    if given not in allowed:
        raise InvalidInput(FieldProblem(field, problem))
    return given
