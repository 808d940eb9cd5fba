"""Limits by wish: a lead says which errors are acceptable, and sees the limits that reach it over the site's own
comments, with their intervals and how much they automate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, FiguresChanged, InvalidInput, NotFound, StalePolicy
from moderation.insight.learning.limits import choosing as limits
from moderation.insight.learning.limits import wished_limits
from moderation.insight.learning.limits.choosing import Wishes
from moderation.insight.learning.shadows import switching as shadows
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as sites
from moderation.sites import sites as site_changes
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from service.checking import policy_trials
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.formats import percent
from service.desk.frame.sentences.numbers import decimal, figures, whole
from service.desk.frame.sentences.wording import reason_title
from service.desk.frame.tables import charts
from service.languages.wording import N_, gettext

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LimitChoice:
    """A limit, and in words the wish that it reaches. ``point`` is None where no limit does; ``missing`` checks would
    make one do so, or None if no number would."""

    words: str
    point: Content | None
    is_sure: bool  # it reaches the wish at the worse end of the interval, too
    is_chosen: bool = False
    missing: int | None = None


def choices(content: Content) -> list[LimitChoice]:
    """The site's own wish first, then the limit that people can read, then other errors. None without a curve."""
    if not content.get("curve"):
        return []
    wishes = content["wishes"]
    own, per_day = wishes["wrong_published"], figures(wishes["read_per_day"])
    mine = gettext("Your target: at most %(share)s wrongly published", share=percent(own))
    readable = gettext("The strictest that your moderators can keep up with: %(count)s a day", count=per_day)
    missing: dict[float, int | None] = dict(content["missing"])
    first = _choice(mine, content["publishing"], own, is_chosen=True, missing=missing[own])
    options = [first, _choice(readable, content["readable"], own)]
    for wish, point in content["offered"]:
        if wish != own:
            words = gettext("At most %(share)s wrongly published", share=percent(wish))
            options.append(_choice(words, point, wish, missing=missing[wish]))
    return options


def chart(content: Content) -> Markup | None:
    """None without a curve."""
    known = [point for point in content.get("curve", ()) if point["wrong"] is not None]
    if not known:
        return None
    known.sort(key=lambda point: point["automated"])
    points = [(p["automated"], p["wrong"]["share"], p["wrong"]["low"], p["wrong"]["high"]) for p in known]
    title = gettext("Wrongly published, by the share decided automatically")
    return charts.curve(points, wish=content["wishes"]["wrong_published"], title=title)


def within(share: Mapping[str, float] | None) -> str:
    """``0.8% (0.5% to 1.3%)``"""
    if share is None:
        return gettext("none")
    shown = {name: percent(share[name]) for name in ("share", "low", "high")}
    return gettext("%(share)s (%(low)s to %(high)s)", **shown)


def _choice(
    words: str, point: Content | None, wish: float, *, is_chosen: bool = False, missing: int | None = None
) -> LimitChoice:
    is_sure = point is not None and point["wrong"] is not None and point["wrong"]["high"] <= wish
    return LimitChoice(words, point, is_sure, is_chosen and point is not None, missing)


routes = Routes(under="learning")

COUNTED_AGAIN = N_("The figures were counted again meanwhile. Look at them once more.")
OVERTAKEN = N_("Somebody else saved version %(number)s first. Count again, to compare with that one.")
REJECTS = N_(
    "%(signal)s, %(limit)s: %(wrong)s published wrongly; rejected from %(from_there)s, %(rejected)s of them wrongly"
)


@routes.get("/learning/limits", role=Role.LEAD, title=N_("Limits"), part=40, endpoint="limits")
def show() -> Response:
    """The figures as they were counted last."""
    return _page(site_asked())


@routes.post("/learning/limits", role=Role.LEAD, title=N_("Limits"))
def count_limits() -> Response:
    """Keeps the wishes in the site's settings and counts the figures anew, which takes seconds."""
    site_id, form = site_asked(), request.form
    try:
        wishes = _wishes(form)
        site_changes.change_settings(
            gavel().database,
            site_id,
            by=actors.person(me()),
            now=utc_now(),
            most_wrong_published=wishes.wrong_published,
            most_wrong_rejected=wishes.wrong_rejected,
            read_per_day=wishes.read_per_day,
        )
        wished_limits.count(gavel().database, site_id, form.get("signal", ""), wishes, now=utc_now())
    except InvalidInput as e:
        return _page(site_id, problems=e.problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("desk.limits", site=site_id), HTTPStatus.SEE_OTHER)


@routes.post("/learning/limits/use", role=Role.LEAD, title=N_("Limits"))
def use_limits() -> Response:
    """Runs the chosen limits in the shadow, or saves them as the next version of the policy."""
    site_id, form = site_asked(), request.form
    try:
        document, said = _chosen(site_id, form)
        if form.get("where") == "shadow":
            started = shadows.start(
                gavel().database, site_id, said[:100], document, by=actors.person(me()), now=utc_now()
            )
            return redirect(url_for("desk.shadow", shadow_id=started.id), HTTPStatus.SEE_OTHER)
        expected = whole(form.get("version", "")) or 0
        policy_trials.replace(
            site_id,
            document,
            expected=expected,
            by=actors.person(me()),
            note=said,
            although=form.get("although"),
        )
    except InvalidInput as e:
        return _page(site_id, problems=e.problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except FiguresChanged:
        return _page(site_id, gettext(COUNTED_AGAIN), HTTPStatus.CONFLICT)
    except StalePolicy as e:
        notice = gettext(OVERTAKEN, number=e.current)
        return _page(site_id, notice, HTTPStatus.CONFLICT)
    return redirect(url_for("desk.policy", site=site_id, saved=1), HTTPStatus.SEE_OTHER)


def _wishes(form: Mapping[str, str]) -> Wishes:
    """Errors come in per cent."""
    per_day = whole(form.get("read_per_day", ""))
    if per_day is None:
        raise InvalidInput(FieldProblem("read_per_day", N_("must be a whole number")))
    return Wishes(_share(form, "most_wrong_published"), _share(form, "most_wrong_rejected"), per_day)


def _share(form: Mapping[str, str], name: str) -> float:
    try:
        return round(float(form.get(name, "").replace(",", ".")) / 100, 6)
    except ValueError:
        raise InvalidInput(FieldProblem(name, N_("must be a percentage"))) from None


def _chosen(site_id: str, form: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """The policy's document with the chosen limits, and the figures that led to them, in words."""
    counted = wished_limits.last(gavel().database, site_id)
    if counted is None:
        raise NotFound("figures", site_id)
    if form.get("counted_at") != counted.counted_at.isoformat():
        raise FiguresChanged("limits")
    content, given = counted.content, form.get("limit", "")
    try:
        limit = None if given == "none" else float(given)
    except ValueError:
        raise InvalidInput(FieldProblem("limit", N_("must be one of the counted limits"))) from None
    with gavel().database.read() as conn:
        current = sites.current_policy(conn, site_id)
    rejects = bool(form.get("rejects"))
    document = wished_limits.document_with(current.document, content, flag_from=limit, rejects=rejects)
    point = next(candidate for candidate in content["curve"] if candidate["limit"] == limit)
    return document, _in_words(content, point, rejects)


def _in_words(content: Mapping[str, Any], point: Mapping[str, Any], rejects: bool) -> str:
    """Words for the record: the numbers that were on the screen."""
    signal = reason_title(content["signal"])
    limit = gettext("no limit") if point["limit"] is None else gettext("limit %(limit)s", limit=decimal(point["limit"]))
    values = {"signal": signal, "limit": limit, "wrong": within(point["wrong"])}
    if not rejects:
        return gettext("%(signal)s, %(limit)s: %(wrong)s published wrongly", **values)
    reject = content["rejecting"]
    values |= {"from_there": decimal(reject["limit"]), "rejected": within(reject["wrong"])}
    return gettext(REJECTS, **values)


def _page(
    site_id: str,
    notice: str | None = None,
    status: int = HTTPStatus.OK,
    *,
    problems: Sequence[FieldProblem] = (),
) -> Response:
    counted = wished_limits.last(gavel().database, site_id)
    with gavel().database.read() as conn:
        current = sites.current_policy(conn, site_id)
        site_names = queue.site_names(conn, my_sites())
    content: Mapping[str, Any] = counted.content if counted else {}
    return page(
        "desk/learning/limits.html",
        status=status,
        site_id=site_id,
        site_names=site_names,
        notice=notice,
        problems=problems,
        current=current,
        counted=counted,
        found=content,
        wishes=wished_limits.wishes_of(gavel().database, site_id),
        signals=list(wished_limits.SCORES.values()),
        signal=content.get("signal", wished_limits.USUAL),
        signal_title=reason_title(content["signal"]) if content else "",
        chart=chart(content),
        choices=choices(content),
        within=within,
        fewest=limits.FEWEST,
    )
