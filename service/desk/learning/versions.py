"""The versions of what was learnt from a site's people, each with its report. A lead chooses the one in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.insight.learning import house_card, house_versions, site_weights
from moderation.insight.learning import rows as learning
from moderation.insight.learning.rows import LearntVersion
from moderation.judging.signals.house import HOUSE
from moderation.judging.signals.registry import SIGNALS
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.desk.frame.sentences.wording import reason_title as signal_title
from service.languages.wording import N_, gettext

routes = Routes(under="learning")

MOST = 50


@routes.get("/learning/versions", role=Role.LEAD, title=N_("Versions"), part=20, endpoint="learnt_versions")
def show() -> Response:
    site_id = site_asked()
    with gavel().database.read() as conn:
        versions = learning.every_version(conn, site_id, limit=MOST)
        site_names = queue.site_names(conn, my_sites())
    return page(
        "desk/learning/versions.html",
        site_id=site_id,
        site_names=site_names,
        versions=[(version, list(lines(version.report))) for version in versions],
        titles={version.signal: signal_title(version.signal) for version in versions},
        is_house=is_house,
    )


@routes.get("/learning/versions/card", role=Role.LEAD, endpoint="learnt_version_card")
def card() -> Response:
    """The model card of a version of the house model as a file, in Markdown: without a number, of the one in use."""
    site_id, given = site_asked(), request.args.get("version", "")
    if given and not whole(given):
        raise InvalidInput(FieldProblem("version", N_("must be the number of a version")))
    row = house_versions.found(gavel().database, site_id, whole(given))
    with gavel().database.read() as conn:
        text = house_card.card(sites.get_site(conn, site_id).name, row)
    headers = {"Content-Disposition": f'attachment; filename="house-model-{row.version}.md"'}
    return Response(text, mimetype="text/markdown", headers=headers)


def is_house(row: LearntVersion) -> bool:
    """Whether it is a house model, whose report is shown as a model card."""
    return row.signal == HOUSE.name and "both" in row.report


@routes.post("/learning/versions/use", role=Role.LEAD, endpoint="use_learnt_version")
def use() -> Response:
    """Puts the version into use, or without one the weights that came with Gavel."""
    site_id, signal = site_asked(), request.form.get("signal", "")
    given = request.form.get("version", "")
    version = whole(given)
    if signal not in SIGNALS:
        raise InvalidInput(FieldProblem("signal", N_("must be one that was learnt")))
    if given and version is None:
        raise InvalidInput(FieldProblem("version", N_("must be the number of a version")))
    by = actors.person(me())
    site_weights.go_back(gavel().database, site_id, signal, version, by=by, now=utc_now())
    return redirect(url_for("desk.learnt_versions", site=site_id), HTTPStatus.SEE_OTHER)


def lines(report: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """A report as lines of a name and a value, whatever it holds: each signal has a report of its own form."""
    for name, value in report.items():
        title = f"{within}, {_words(name).lower()}" if within else _words(name)
        if isinstance(value, Mapping):
            yield from lines(value, title)
        elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
            yield from lines({str(number): part for number, part in enumerate(value, 1)}, title)
        elif value is not None and value != []:
            yield title, _shown(value)


def _words(name: str) -> str:
    words = str(name).replace("_", " ")
    return words.upper() if words == "auc" else words[:1].upper() + words[1:]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int | float):
        return f"{value:,}"
    return ", ".join(map(_shown, value)) if isinstance(value, list | tuple) else str(value)
