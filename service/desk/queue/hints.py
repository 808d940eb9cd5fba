"""Hints over the queue, in one line that is opened at will. Each can be dismissed for a shift."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from flask import Response as Rendered
from flask import redirect, render_template, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.insight.checks import rows as checks
from moderation.moderators.queue.desk import dismissal_rows as store
from moderation.moderators.queue.desk import question_rows as questions
from moderation.moderators.queue.desk.question_rows import Question
from moderation.moderators.queue.surges import Surge
from moderation.sites.people.accounts import SESSION_HOURS
from moderation.sites.people.roles import Role, sites_where
from service.context import gavel, utc_now
from service.desk.frame.addresses import id_in
from service.desk.frame.rendering import is_partial, me
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import in_figures
from service.desk.queue import growth, surges
from service.desk.queue.growth import Growing
from service.desk.queue.query import View, parse, parse_query

routes = Routes(under="review")

LISTED = 5  # questions
CHECKS = 100  # counted this far
SHIFT = timedelta(hours=SESSION_HOURS)
KEY = re.compile(r"[a-z0-9:-]{1,120}")


@dataclass(frozen=True, slots=True)
class QueueHint:
    """A dismissed hint comes back when its ``key`` changes: with a new question, or when its number has doubled."""

    key: str
    kind: str
    about: Question | Surge | Growing | str


def shown(conn: Connection, view: View, *, now: datetime) -> dict[str, Any]:
    """All that the template needs."""
    every = list(_all(conn, view.queue.site_ids, now))
    gone = store.dismissed_by(conn, me().id, since=now - SHIFT) if every else set()
    hints = [hint for hint in every if hint.key not in gone]
    return {
        "hints": hints,
        "dismissed": [hint for hint in every if hint.key in gone],
        "hints_seen": _digest(hints),
        "leading": sites_where(me(), Role.LEAD),
    }


def digest(conn: Connection, site_ids: tuple[str, ...], *, now: datetime) -> str:
    """It changes with the hints that a page shows, so that the page knows when to fetch them."""
    gone = store.dismissed_by(conn, me().id, since=now - SHIFT)
    return _digest([hint for hint in _all(conn, site_ids, now) if hint.key not in gone])


@routes.get("/hints", role=Role.MODERATOR, endpoint="hints")
def show() -> Response:
    """The hints alone, for a page whose script unfolds them again if they were."""
    return _fragment(parse(request.args, me(), now=utc_now()), is_open=False)


@routes.post("/hints", role=Role.MODERATOR)
def dismiss_hint() -> Response:
    """Dismisses the hint named in ``dismiss``, or brings back the one in ``back``."""
    now = utc_now()
    view = parse_query(request.form.get("view", ""), me(), now=now)
    key = request.form.get("dismiss") or request.form.get("back") or ""
    if not KEY.fullmatch(key):
        raise InvalidInput(FieldProblem("dismiss", "choose a hint"))
    with gavel().database.write() as conn:
        if request.form.get("dismiss"):
            store.forget(conn, me().id, before=now - SHIFT)
            store.dismiss(conn, me().id, key, now=now)
        else:
            store.bring_back(conn, me().id, key)
    if is_partial():
        return _fragment(view, is_open=True)
    comment = id_in(request.form.get("comment"))
    path = url_for("desk.comment", comment_id=comment) if comment else url_for("desk.review")
    return redirect(view.under(path), HTTPStatus.SEE_OTHER)


def _fragment(view: View, *, is_open: bool) -> Response:
    with gavel().database.read() as conn:
        context = shown(conn, view, now=utc_now())
    html = render_template("desk/queue/hints.html", view=view, me=me(), hints_open=is_open, **context)
    return Rendered(html, mimetype="text/html", headers={"Vary": "HX-Request"})


def _all(conn: Connection, site_ids: tuple[str, ...], now: datetime) -> Iterator[QueueHint]:
    asked_me, answers = questions.waiting_for(conn, me().id, tuple(me().roles), limit=LISTED)
    yield from (QueueHint(f"question:{question.id}", "question", question) for question in asked_me)
    yield from (QueueHint(f"answer:{answer.id}", "answer", answer) for answer in answers)
    for surge in surges.surges(conn, site_ids, now=now):
        mode = surge.mode.name.replace("_", "-") if surge.mode is not None else ""
        key = f"surge:{surge.kind}:{surge.id}:{surge.state or ''}{mode}:{surge.count.bit_length()}"
        yield QueueHint(key, "surge", surge)
    count = checks.count_blind(conn, site_ids, reader_id=me().id, at_most=CHECKS + 1)
    if count:
        yield QueueHint(f"checks:{count.bit_length()}", "checks", in_figures(count, CHECKS))
    for campaign in growth.growing(conn, site_ids, now=now):
        yield QueueHint(f"growing:{campaign.campaign_id}:{campaign.count.bit_length()}", "growing", campaign)


def _digest(hints: Sequence[QueueHint]) -> str:
    return sha256(" ".join(hint.key for hint in hints).encode()).hexdigest()[:16]
