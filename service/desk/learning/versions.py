"""The versions of what was learnt from a site's people, each with its report. A lead chooses the one in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.errors import FieldProblem, InvalidInput
from moderation.learning import site_weights
from moderation.people import actors
from moderation.people.roles import Role
from moderation.signals.registry import SIGNALS
from moderation.store import learning, queue
from service.context import gavel, utc_now
from service.desk.frame.numbers import whole
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes

routes = Routes(under="learning")

MOST = 50


@routes.get("/learning/versions", role=Role.LEAD, title="Versions", part=20, endpoint="learnt_versions")
def show() -> Response:
    site_id = site_asked()
    with gavel().database.read() as conn:
        found = learning.every_version(conn, site_id, limit=MOST)
        site_names = queue.site_names(conn, my_sites())
    return page(
        "desk/learning/versions.html",
        site_id=site_id,
        site_names=site_names,
        versions=[(one, list(lines(one.report))) for one in found],
        titles={one.signal: SIGNALS[one.signal].title if one.signal in SIGNALS else one.signal for one in found},
    )


@routes.post("/learning/versions/use", role=Role.LEAD, endpoint="use_learnt_version")
def use() -> Response:
    """Puts the version into use, or without one the weights that came with Gavel."""
    site_id, signal = site_asked(), request.form.get("signal", "")
    given = request.form.get("version", "")
    version = whole(given)
    if signal not in SIGNALS:
        raise InvalidInput(FieldProblem("signal", "must be one that was learnt"))
    if given and version is None:
        raise InvalidInput(FieldProblem("version", "must be the number of a version"))
    by = actors.person(me())
    site_weights.go_back(gavel().database, site_id, signal, version, by=by, now=utc_now())
    return redirect(url_for("desk.learnt_versions", site=site_id), HTTPStatus.SEE_OTHER)


def lines(report: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """A report as lines of a name and a value, whatever it holds: each signal has a report of its own form."""
    for name, value in report.items():
        title = f"{within}, {_words(name).lower()}" if within else _words(name)
        if isinstance(value, Mapping):
            yield from lines(value, title)
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            yield from lines({str(number): one for number, one in enumerate(value, 1)}, title)
        elif value is not None and value != []:
            yield title, _shown(value)


def _words(name: str) -> str:
    words = str(name).replace("_", " ")
    return words.upper() if words == "auc" else words[:1].upper() + words[1:]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}"
    return ", ".join(map(_shown, value)) if isinstance(value, list | tuple) else str(value)
