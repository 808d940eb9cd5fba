"""Worth reading: published comments that an editor may want to feature, and the editor's picks of today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from flask import request
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.insight.checks import rows as checks
from moderation.moderators.queue import rows as queue
from moderation.readers.featuring import worth_reading_rows as worth_reading
from moderation.readers.featuring.worth_reading_rows import WorthReadingLimits
from moderation.sites.people.roles import Role
from service.context import gavel
from service.desk.frame.excerpts import NEAR_CHARS, excerpts
from service.desk.frame.rendering import me, page, site_asked
from service.desk.frame.routes import Routes
from service.languages.wording import N_, gettext

routes = Routes(under="worth_reading")

LINES = 30
MOST = 1_000_000


@routes.get(
    "/worth-reading", role=Role.MODERATOR, title=N_("Worth reading"), place=50, is_folded=True, endpoint="worth_reading"
)
def show() -> Response:
    """The comments by limits that the form shows and the address holds."""
    site_id, wish = site_asked(), _wish(request.args)
    with gavel().database.read() as conn:
        comments = worth_reading.worth_reading(conn, site_id, wish, limit=LINES, hidden=checks.unjudged(me().id))
        picks = worth_reading.featured(conn, site_id, limit=LINES, hidden=checks.unjudged_by(me().id))
        begun = excerpts(conn, [*comments, *picks], chars=NEAR_CHARS)
        site_names = queue.site_names(conn, tuple(me().roles))
    return page(
        "desk/worth_reading/worth_reading.html",
        site_id=site_id,
        site_names=site_names,
        wish=wish,
        found=comments,
        picks=picks,
        begun=begun,
        looked_at=worth_reading.LOOKED_AT,
        query=request.query_string.decode(),
    )


def _wish(given: Mapping[str, str]) -> WorthReadingLimits:
    """Raises InvalidInput for a limit that is no number or out of its range."""
    limits = {
        field.name: _number(field.name, given[field.name])
        for field in fields(WorthReadingLimits)
        if given.get(field.name)
    }
    return WorthReadingLimits(**{name: value if name in _SCORES else int(value) for name, value in limits.items()})  # type: ignore[arg-type]


_SCORES = ("relevance", "toxicity")


def _number(name: str, given: str) -> float:
    top = 1 if name in _SCORES else MOST
    try:
        value = float(given)
    except ValueError:
        value = -1
    if not 0 <= value <= top:
        raise InvalidInput(FieldProblem(name, gettext("must be a number between 0 and %(top)s", top=top)))
    return value
