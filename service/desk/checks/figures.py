"""The figures that the checks give: errors beside the wishes, the bias watch, and how often people agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import agreement as agreements
from moderation.insight.checks import bias, error_rates
from moderation.insight.checks.bias import Comparison, GroupKind
from moderation.insight.checks.error_rates import Rates
from moderation.insight.checks.settings import CheckSettings
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as sites
from moderation.sites import sites as site_changes
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from moderation.sites.settings.declarations import declarations_of
from moderation.sites.settings.values import SiteSettings
from service import cached
from service.context import gavel, utc_now
from service.desk.frame import setting_fields
from service.desk.frame.headline import headline_of, rates_at
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import percent
from service.desk.frame.sentences.wording import language_named
from service.desk.frame.tables import charts
from service.languages.wording import N_, gettext

routes = Routes(under="learning")

KEPT_S = 60.0
WISHES = declarations_of(CheckSettings)
TITLES = {
    CommentStatus.PUBLISHED: N_("Wrongly published"),
    CommentStatus.REJECTED: N_("Wrongly rejected"),
    CommentStatus.FLAGGED: N_("Held, then published by moderators"),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """An error over the weeks beside its wish."""

    title: str
    drawn: Markup | None
    words: str


@routes.get("/learning/checks", role=Role.LEAD, title=N_("Error rates"), part=50, endpoint="error_rates")
def rates() -> Response:
    """By verdict, section, language, model version and week."""
    return _rates(site_asked())


@routes.post("/learning/checks", role=Role.LEAD, title=N_("Error rates"))
def set_checks() -> Response:
    """Sets the share that is checked, and the wishes. They hold from the next decision on."""
    site_id, by = site_asked(), actors.person(me())
    try:
        given = setting_fields.given(request.form, WISHES)
    except InvalidInput as e:
        return _rates(site_id, e.problems, HTTPStatus.UNPROCESSABLE_ENTITY)
    site_changes.change_settings(gavel().database, site_id, by=by, now=utc_now(), **given)
    return redirect(url_for("desk.error_rates", site=site_id, saved=1), HTTPStatus.SEE_OTHER)


@routes.get("/learning/bias", role=Role.LEAD, title=N_("Signs of bias"), part=60, endpoint="bias")
def bias_watch() -> Response:
    """How civil comments fare by the group that they mention, by language and by new authors."""
    site_id = site_asked()
    comparisons = cached.value(("bias", site_id), KEPT_S, lambda: _bias(site_id))
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, my_sites())
    return page(
        "desk/checks/bias.html",
        site_id=site_id,
        site_names=site_names,
        found=comparisons,
        warnings=[comparison for comparison in comparisons if comparison.is_warning],
        in_words=_in_words,
        days=error_rates.WINDOW.days,
        fewest=bias.FEWEST,
    )


@routes.get("/learning/agreement", role=Role.LEAD, title=N_("Agreement"), part=70, endpoint="agreement")
def agreement() -> Response:
    """How often two people judge alike. Nobody's own figure is shown to anybody else."""
    site_id = site_asked()
    with gavel().database.read() as conn:
        agreement = agreements.of_site(conn, site_id, person=me().id, now=utc_now())
        site_names = queue.site_names(conn, my_sites())
    return page(
        "desk/checks/agreement.html",
        site_id=site_id,
        site_names=site_names,
        found=agreement,
        fewest=agreements.FEWEST,
    )


def _rates(site_id: str, problems: Sequence[FieldProblem] = (), status: int = HTTPStatus.OK) -> Response:
    rates = rates_at(site_id)
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, my_sites())
        settings = sites.get_site(conn, site_id).settings
    wishes = _wishes(settings)
    return page(
        "desk/checks/rates.html",
        status=status,
        site_id=site_id,
        site_names=site_names,
        found=rates,
        headline=headline_of(site_id),
        wishes=wishes,
        titles={verdict: gettext(words) for verdict, words in TITLES.items()},
        charts=[_chart(rates, verdict, wish) for verdict, wish in wishes.items()],
        parts_of=[
            (gettext("By section"), gettext("Section"), rates.sections, str),
            (gettext("By language"), gettext("Language"), rates.languages, language_named),
            (gettext("By model version"), gettext("Model"), rates.models, str),
        ],
        days=error_rates.WINDOW.days,
        form=setting_fields.fields(WISHES, settings, request.form, problems),
        is_saved="saved" in request.args,
    )


def _bias(site_id: str) -> tuple[Comparison, ...]:
    with gavel().database.read() as conn:
        return bias.of_site(conn, site_id, now=utc_now())


def _wishes(settings: SiteSettings) -> dict[CommentStatus, float]:
    return {
        CommentStatus.PUBLISHED: settings.most_wrong_published,
        CommentStatus.REJECTED: settings.most_wrong_rejected,
    }


def _chart(rates: Rates, verdict: CommentStatus, wish: float) -> Chart:
    title = gettext(TITLES[verdict])
    values = [point.errors[verdict].share for point in rates.weeks if verdict in point.errors]
    if not values:
        return Chart(title, None, gettext("No check of this verdict yet."))
    words = gettext(
        "Each point is the share over four weeks, most recently %(last)s."
        " The horizontal line is your target, %(target)s.",
        last=percent(values[-1], 1),
        target=percent(wish, 1),
    )
    return Chart(title, charts.against(values, wish, title=f"{title}. {words}"), words)


def _in_words(comparison: Comparison) -> str:
    """``mention women``, ``in German``, ``by new authors``."""
    if comparison.kind is GroupKind.GROUP:
        return gettext("mention: %(group)s", group=comparison.name)
    if comparison.kind is GroupKind.LANGUAGE:
        return gettext("in %(language)s", language=language_named(comparison.name))
    return gettext("by authors without a published comment")
