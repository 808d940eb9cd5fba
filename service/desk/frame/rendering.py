"""Turns a template into an answer: a whole page, or for htmx only the part that changes. One block serves both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, render_template, request

from moderation.ground.errors import NotAllowed, NotFound
from moderation.judging.signals.registry import SIGNALS
from moderation.pipeline.outages import MAX_COUNTED
from moderation.sites.people.roles import Role, sites_where
from moderation.sites.rows import Moderator
from service.context import utc_now
from service.desk.frame import routes, tallies
from service.desk.frame.modes_in_force import modes_for
from service.desk.frame.outages import meanwhile, outages_of
from service.desk.frame.put_back import put_back_for
from service.desk.frame.refusals import translated
from service.desk.frame.sentences import ages, formats, numbers
from service.desk.frame.sentences.wording import (
    batch_in_words,
    batch_was_done,
    by_whom,
    in_sentence,
    language_named,
    mode_word,
    notice_state,
    reading_notice,
    reason_in_words,
    reason_title,
    reason_wording,
    role_word,
    signals_in_sentence,
    spared_limits,
    status_word,
    what_was_done,
    within,
)
from service.desk.frame.texts import marking
from service.languages.wording import N_, gettext

WORDS = {
    "hide": N_("Hide this line"),
    "unreachable": N_("The desk cannot reach the server. Nothing was changed."),
}


def words_of_scripts() -> dict[str, str]:
    """In the reader's language, by the names under which the scripts ask for them."""
    return {name: gettext(words) for name, words in WORDS.items()}


HTMX_CONFIG = json.dumps(
    {
        "allowEval": False,
        "includeIndicatorStyles": False,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "selfRequestsOnly": True,
        "scrollIntoViewOnBoost": False,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "[45]..", "swap": True},
        ],
    }
)
"""https://htmx.org/docs/#config"""


def is_partial() -> bool:
    """Whether htmx asks, which swaps a part of the page that it has."""
    return request.headers.get("HX-Request") == "true"


def page(template: str, *, status: int = HTTPStatus.OK, **context: Any) -> Response:
    """The template as a whole page, or for htmx only the part that changes. ``title`` is the route's unless given."""
    layout = "desk/frame/part.html" if is_partial() else "desk/frame/whole.html"
    html = render_template(template, **{"title": routes.title(), "layout": layout, **_common(context), **context})
    return Response(html, status=status, mimetype="text/html", headers={"Vary": "HX-Request"})


def me() -> Moderator:
    """The person who is logged in. Only behind the desk's check."""
    moderator: Moderator = g.moderator
    return moderator


def site_asked() -> str:
    """The site that the request names, or the first on which the moderator has the role that this route needs.

    Raises NotFound for a site that is not one's own, and NotAllowed for one on which one's role is too low.
    """
    allowed = my_sites()
    asked = request.values.get("site") or next(iter(allowed), "")
    if asked not in me().roles:
        raise NotFound("site", asked)
    if asked not in allowed:
        raise NotAllowed(routes.refusal(of_site=True))
    return asked


def my_sites() -> tuple[str, ...]:
    """The sites on which the moderator has the role that this route needs."""
    return sites_where(me(), routes.here().role or Role.MODERATOR)


def add_filters(app: Flask) -> None:
    """The words and forms that every template may use."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "ago": formats.ago,
        "day": formats.day,
        "decimal": numbers.decimal,
        "figures": numbers.figures,
        "in_figures": numbers.in_figures,
        "moment": formats.moment,
        "percent": formats.percent,
        "short": formats.short,
        "sentence": formats.sentence,
        "veiled": marking.veiled,
    }
    _add_globals(app)


def _add_globals(app: Flask) -> None:
    """The functions and numbers that templates name without a value before them."""
    app.jinja_env.globals |= {
        "bar": routes.bar,
        "batch_in_words": batch_in_words,
        "batch_was_done": batch_was_done,
        "by_whom": by_whom,
        "held_later": ages.held_later,
        "htmx_config": HTMX_CONFIG,
        "is_current": routes.is_current,
        "is_this_part": routes.is_this_part,
        "is_web": is_web,
        "in_sentence": in_sentence,
        "within": within,
        "language_name": language_named,
        "mode_word": mode_word,
        "meanwhile": meanwhile,
        "most_counted": MAX_COUNTED,
        "parts": routes.parts,
        "reading_notice": reading_notice,
        "reason_title": reason_title,
        "reason_wording": reason_wording,
        "role_word": role_word,
        "reason_in_words": reason_in_words,
        "signals_in_sentence": signals_in_sentence,
        "spared_limits": spared_limits,
        "notice_state": notice_state,
        "status_word": status_word,
        "tone": tone,
        "translated": translated,
        "what_was_done": what_was_done,
        "words_of_scripts": words_of_scripts,
    }


def is_web(url: str) -> bool:
    """Whether a link may lead there: an article's address could also be javascript: or the like."""
    return url.startswith(("https://", "http://"))


def tone(flagged_for: str | None) -> str:
    """The colour family of a reason, beside its words."""
    spec = SIGNALS.get(flagged_for or "")
    return "other" if spec is None else spec.tone


def _common(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values for every page. ``given`` may have the tallies of the bar already, counted with others."""
    moderator = g.get("moderator")
    if moderator is None:
        return {"me": None}
    return {
        "me": moderator,
        "preferences": moderator.preferences,
        "outages": outages_of(moderator, utc_now()),
        "put_back": put_back_for(moderator),
        "modes_in_force": modes_for(moderator, utc_now()),
        "beside_tabs": given["beside_tabs"] if "beside_tabs" in given else tallies.of_person(moderator),
        "made_at": utc_now().isoformat(),
        "is_lead": bool(sites_where(moderator, Role.LEAD)),
        "is_admin": bool(sites_where(moderator, Role.ADMIN)),
    }
