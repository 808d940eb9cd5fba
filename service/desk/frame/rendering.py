"""Turns a template into an answer: a whole page, or for htmx the part of it that changes. One block serves both."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, render_template, request
from markupsafe import Markup, escape

from moderation.deciding.outages import MAX_COUNTED
from moderation.people.roles import Role, allow, sites_where
from moderation.signals.registry import SIGNALS
from moderation.store.sites import Moderator
from service.context import utc_now
from service.desk.frame.outages import meanwhile, outages_of
from service.desk.frame.wording import by_whom, reason_title, spared_limits, what_was_done


def is_partial() -> bool:
    return request.headers.get("HX-Request") == "true"


def page(template: str, *, status: int = HTTPStatus.OK, **context: Any) -> Response:
    """``layout`` is what the template extends: everything, or the changing part alone."""
    layout = "desk/part.html" if is_partial() else "desk/whole.html"
    html = render_template(template, layout=layout, **_common(), **context)
    return Response(html, status=status, mimetype="text/html", headers={"Vary": "HX-Request"})


def me() -> Moderator:
    """Whoever is logged in; only behind the desk's check."""
    moderator: Moderator = g.moderator
    return moderator


def site_where(role: Role) -> str:
    """The site asked for, or the first where the moderator has the role. Raises NotAllowed."""
    allowed = sites_where(me(), role)
    asked = request.values.get("site") or (allowed[0] if allowed else "")
    allow(me(), asked, role)
    return asked


def add_filters(app: Flask) -> None:
    app.jinja_env.filters["ago"] = ago
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["short"] = short
    app.jinja_env.globals |= {
        "pages_of_desk": pages_of_desk,
        "is_section": is_section,
        "is_web": is_web,
        "tone": tone,
        "reason_title": reason_title,
        "spared_limits": spared_limits,
        "what_was_done": what_was_done,
        "by_whom": by_whom,
        "meanwhile": meanwhile,
        "most_counted": MAX_COUNTED,
    }
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def ago(then: datetime) -> Markup:
    """``3 min ago`` in a <time> that also gives the exact moment."""
    return _time(then, in_words((utc_now() - then).total_seconds()))


def moment(then: datetime) -> Markup:
    return _time(then, f"{then.astimezone(UTC):%-d %b %Y, %H:%M} UTC")


def in_words(seconds: float) -> str:
    steps = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (float("inf"), 86_400, "d"))
    seconds = max(0.0, seconds)
    if seconds < 10:
        return "just now"
    _limit, unit, name = next(step for step in steps if seconds < step[0])
    return f"{int(seconds // unit)} {name} ago"


def short(text: str, length: int) -> str:
    """One line of a text, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def _time(then: datetime, words: str) -> Markup:
    """A list has one in every line, and ``Markup.format`` would take ten times as long."""
    exact = then.astimezone(UTC)
    in_full = f"{exact:%-d %B %Y, %H:%M:%S} UTC"
    moment = exact.isoformat(timespec="seconds")
    return Markup(f'<time datetime="{moment}" title="{in_full}">{escape(words)}</time>')


SECTIONS: tuple[tuple[str, str, Role | None], ...] = (
    ("desk.review", "Review", None),
    ("desk.escalated", "Escalated", None),
    ("desk.bulk", "Bulk", None),
    ("desk.history", "History", None),
    ("desk.search", "Search", None),
    ("desk.trends", "Trends", None),
    ("desk.policy", "Policy", None),
    ("desk.audit", "Audit", Role.LEAD),
    ("desk.people", "People", Role.ADMIN),
    ("desk.given_up", "Given up", Role.ADMIN),
)
"""The pages of the bar: endpoint, title, and the role that sees it, None for all."""
REVIEW_ENDPOINTS = frozenset(
    {
        "desk.review", "desk.comment", "desk.decide", "desk.skip", "desk.undo", "desk.take_back_skips",
        "desk.take_back_skip", "desk.decided",
    }
)  # fmt: skip


def pages_of_desk() -> list[tuple[str, str]]:
    return [(endpoint, title) for endpoint, title, role in SECTIONS if role is None or sites_where(me(), role)]


def is_section(endpoint: str) -> bool:
    if request.endpoint in REVIEW_ENDPOINTS:
        return endpoint == ("desk.escalated" if "escalated" in request.args else "desk.review")
    return request.endpoint == endpoint


def is_web(url: str) -> bool:
    """An article's address that a link may lead to: never javascript: and its kin."""
    return url.startswith(("https://", "http://"))


def tone(flagged_for: str | None) -> str:
    """The colour family of a reason, beside its words."""
    spec = SIGNALS.get(flagged_for or "")
    return "other" if spec is None else spec.tone


def _common() -> dict[str, Any]:
    moderator = g.get("moderator")
    if moderator is None:
        return {"me": None}
    return {
        "me": moderator,
        "preferences": moderator.preferences,
        "outages": outages_of(moderator, utc_now()),
        "is_lead": bool(sites_where(moderator, Role.LEAD)),
        "is_admin": bool(sites_where(moderator, Role.ADMIN)),
    }
