"""The rule book as a file: Markdown or JSON to keep; and files to read in, which count once a lead has seen what they
change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from moderation.sites.rules import forms, importing, markdown, writing
from moderation.sites.rules.importing import MOST_CHARS, RuleFile
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.desk.rules import wording
from service.desk.rules.pages import refused_file
from service.languages.wording import N_

routes = Routes(under="rules")

MOST_FILES = 50
MOST_BYTES = 4 * MOST_CHARS + 64 * 1024  # of all files together


@routes.get("/rules/export/<kind>", role=Role.MODERATOR, endpoint="export_rules")
def export(kind: str) -> Response:
    """The newest version, by the name of the file."""
    book = writing.rule_book(gavel().database, site_asked())
    if kind == "rules.json":
        text, media = json.dumps(forms.to_form(book), ensure_ascii=False, indent=1), "application/json"
    else:
        text, media = markdown.to_markdown(book), "text/markdown"
    head = {"Content-Disposition": f'attachment; filename="{"rules.json" if media.endswith("json") else "rules.md"}"'}
    return Response(text, mimetype=media, headers=head)


@routes.post("/rules/import", role=Role.LEAD, title=N_("Read rules from files"))
def import_rules() -> Response:
    """Shows what the files would change. Nothing is saved."""
    site_id = site_asked()
    try:
        texts = _sent()
        preview = importing.preview(gavel().database, site_id, _read(texts))
    except InvalidInput as e:
        return refused_file(site_id, e.problems)
    return page(
        "desk/rules/import.html",
        site_id=site_id,
        texts=texts,
        version=preview.before.version,
        differences=preview.differences,
        musts=wording.must_words(),
        fields=wording.field_words(),
    )


@routes.post("/rules/import/save", role=Role.LEAD, most_form_bytes=MOST_BYTES)
def save_import() -> Response:
    """The files that the lead has seen, unless the book was changed since."""
    site_id, now, by = site_asked(), utc_now(), actors.person(me())
    expected = whole(request.form.get("version", "")) or 0
    try:
        read = _read(request.form.getlist("text"))
        importing.import_rules(gavel().database, site_id, read, by=by, now=now, expected=expected)
    except InvalidInput as e:
        return refused_file(site_id, e.problems)
    return redirect(url_for("desk.rules", site=site_id, saved=1), HTTPStatus.SEE_OTHER)


def _read(texts: Sequence[str]) -> list[RuleFile]:
    """Raises InvalidInput, which names the file where there are several."""
    by, now, read = str(actors.person(me())), utc_now(), []
    for number, text in enumerate(texts, 1):
        try:
            read.append(importing.read(text, by=by, now=now))
        except InvalidInput as e:
            if len(texts) == 1:
                raise
            raise InvalidInput(*(FieldProblem(f"{number}: {p.field}", p.message) for p in e.problems)) from e
    return read


def _sent() -> list[str]:
    """Raises InvalidInput."""
    files = [file for file in request.files.getlist("file") if file.filename]
    if not 1 <= len(files) <= MOST_FILES:
        raise InvalidInput(FieldProblem("file", N_("must be one to fifty files")))
    texts, left = [], MOST_BYTES
    for file in files:
        content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise InvalidInput(FieldProblem("file", N_("is too big")))
        try:
            texts.append(content.decode("utf-8-sig"))
        except UnicodeDecodeError as e:
            raise InvalidInput(FieldProblem("file", N_("must be a text in UTF-8"))) from e
    return texts
