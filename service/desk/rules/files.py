"""The rule book as a file: Markdown or JSON to keep, and Markdown to read in."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from moderation.sites.rules import markdown, writing
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, site_asked
from service.desk.frame.routes import Routes
from service.desk.rules.pages import refused_file
from service.languages.wording import N_

routes = Routes(under="rules")


@routes.get("/rules/export/<kind>", role=Role.MODERATOR, endpoint="export_rules")
def export(kind: str) -> Response:
    """The newest version, by the name of the file."""
    book = writing.rule_book(gavel().database, site_asked())
    if kind == "rules.json":
        text, media = json.dumps(markdown.to_form(book), ensure_ascii=False, indent=1), "application/json"
    else:
        text, media = markdown.to_markdown(book), "text/markdown"
    head = {"Content-Disposition": f'attachment; filename="{"rules.json" if media.endswith("json") else "rules.md"}"'}
    return Response(text, mimetype=media, headers=head)


@routes.post("/rules/import", role=Role.LEAD)
def import_rules() -> Response:
    """A file, or else the text that was typed. Rules of a known key get the file's words; nothing is taken away."""
    site_id, now = site_asked(), utc_now()
    try:
        text = _sent()
        rules = markdown.from_markdown(text, by=str(actors.person(me())), now=now)
        writing.import_rules(gavel().database, site_id, rules, by=actors.person(me()), now=now)
    except InvalidInput as e:
        return refused_file(site_id, e.problems)
    return redirect(url_for("desk.rules", site=site_id, saved=1), HTTPStatus.SEE_OTHER)


def _sent() -> str:
    """Raises InvalidInput."""
    file = request.files.get("file")
    try:
        return file.read().decode("utf-8-sig") if file and file.filename else request.form.get("text", "")
    except UnicodeDecodeError as e:
        raise InvalidInput(FieldProblem("file", N_("must be a text in UTF-8"))) from e
