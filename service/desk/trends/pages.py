"""Trends over any days: charts with the numbers beside them, and the same as CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum

from flask import request
from markupsafe import Markup
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.insight.trends import stats
from moderation.insight.trends.rows import HeadingOutcomes, Period
from moderation.insight.trends.stats import MAX_DAYS
from moderation.insight.trends.trend_values import Day, Trends
from moderation.moderators.queue import rows as queue
from moderation.sites.people import roles
from moderation.sites.people.roles import Role
from service import cached, csv_tables
from service.context import gavel, utc_now
from service.desk.frame.headline import headline_of
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.frame.sentences import days, formats, numbers
from service.desk.frame.sentences.formats import percent
from service.desk.frame.sentences.wording import reason_title
from service.desk.frame.tables import charts
from service.languages import choice
from service.languages.wording import N_, gettext

routes = Routes(under="trends")

KEPT_S = 60.0
USUAL_DAYS = 14
OUTCOMES = ("flagged", "flag_rate", "approved", "rejected", "overturned")


class By(StrEnum):
    """The tables that are offered as CSV."""

    DAY = "day"
    REASON = "reason"
    ARTICLE = "article"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class ChartLine:
    """A chart, and in words its days and its highest value."""

    chart: Markup
    words: str


@routes.get("/trends", role=Role.MODERATOR, title=N_("Trends"), place=60, endpoint="trends")
def show() -> Response:
    """Only leads see the numbers by person, for the sites that they lead."""
    period = _period()
    trends = _trends(period)
    leads = tuple(site for site in roles.sites_where(me(), Role.LEAD) if site in period.site_ids)
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, tuple(me().roles))
    return page(
        "desk/trends/trends.html",
        found=trends,
        period=period,
        headline=headline_of(leads[0]) if len(leads) == len(period.site_ids) == 1 else "",
        first=days.day_of(period.start),
        last=days.last_before(period.end),
        site=request.args.get("site", ""),
        site_names=site_names,
        people=_people(trends, period, leads) if leads else None,
        arrived_line=_line(trends, [d.arrived for d in trends.days], gettext("Comments that arrived, by day")),
        backlog_line=_line(trends, [d.backlog for d in trends.days], gettext("Waiting at the end of the day")),
        rate_line=_line(trends, [d.flag_rate for d in trends.days], gettext("Share flagged, by day"), in_words=percent),
        percent=percent,
        day_rows=[(_in_full(day.day), _cells(day)) for day in reversed(trends.days)],
        reason_title=reason_title,
    )


@routes.get("/trends.csv", role=Role.MODERATOR, endpoint="trends_csv")
def as_csv() -> Response:
    """The table that ``by`` names, or the days."""
    period, by = _period(), request.args.get("by", By.DAY)
    if by not in set(By):
        raise InvalidInput(FieldProblem("by", said("must be one of %(names)s", names=", ".join(By))))
    rows = _rows(_trends(period), By(by))
    first, last = days.day_of(period.start), days.last_before(period.end)
    name = f"trends-by-{by}-{first:%Y-%m-%d}-{last:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(csv_tables.as_csv(rows), mimetype="text/csv", headers=headers)


def _rows(trends: Trends, by: By) -> list[tuple[object, ...]]:
    if by is By.DAY:
        rows = [asdict(day) for day in trends.days]
        return [tuple(rows[0]), *(tuple(row.values()) for row in rows)]
    outcomes = {By.REASON: trends.signals, By.ARTICLE: trends.articles, By.SECTION: trends.sections}[by]
    rows = [_outcome(outcome, trends.decided if by is By.REASON else None) for outcome in outcomes]
    columns = [column for column in OUTCOMES if by is By.REASON or column != "flag_rate"]
    return [(by.value, *columns), *((row["name"], *(row[column] for column in columns)) for row in rows)]


def _outcome(outcome: HeadingOutcomes, decided: int | None) -> dict[str, object]:
    shares = {"flag_rate": outcome.flag_rate(decided) if decided else None, "overturned": outcome.overturned}
    return {**asdict(outcome), **{name: None if share is None else round(share, 4) for name, share in shares.items()}}


def _count(number: float) -> str:
    return numbers.figures(int(number))


def _people(trends: Trends, period: Period, leads: tuple[str, ...]) -> tuple[HeadingOutcomes, ...]:
    """The people of the sites that the reader leads."""
    if set(leads) == set(period.site_ids):
        return trends.people
    return stats.by_moderator(gavel().database, Period(leads, period.start, period.end))


def _line(
    trends: Trends, values: Sequence[float], title: str, *, in_words: Callable[[float], str] = _count
) -> ChartLine:
    first, last = (_in_words(trends.days[at].day) for at in (0, -1))
    top = max(values)
    chart, best = charts.line(values, title=title), _in_words(trends.days[values.index(top)].day)
    if not top:
        return ChartLine(chart, gettext("%(first)s to %(last)s: none.", first=first, last=last))
    words = gettext(
        "%(first)s to %(last)s: most %(top)s on %(day)s.", first=first, last=last, top=in_words(top), day=best
    )
    return ChartLine(chart, formats.one_stop(words))


def _in_full(day: str) -> str:
    """``2 Mar 2026`` of ``2026-03-02``."""
    return formats.day(date.fromisoformat(day))


def _cells(day: Day) -> list[str]:
    """The cells in the order of the table's columns."""
    first = (day.arrived, day.published, day.flagged)
    rest = (day.rejected, day.decided_again, day.approved_by_people, day.rejected_by_people, day.taken_back)
    share = percent(day.flag_rate) if day.decided else "–"
    return [*numbers.all_figures(first), share, *numbers.all_figures((*rest, day.backlog))]


def _in_words(day: str) -> str:
    return formats.day_of_year(date.fromisoformat(day))


def _trends(period: Period) -> Trends:
    db = gavel().database
    return cached.value(("trends", period), KEPT_S, lambda: stats.trends_of(db, period, now=utc_now()))


def _period() -> Period:
    """Whole days of the reader's, both ends included. Without an answer in the address: the last two weeks."""
    first, last = days.asked(USUAL_DAYS)
    if (last - first).days >= MAX_DAYS:
        raise InvalidInput(FieldProblem("from", said("choose at most %(most)s days", most=MAX_DAYS)))
    site = request.args.get("site", "")
    sites = (site,) if site in me().roles else tuple(me().roles)
    return Period(sites, days.midnight(first), days.midnight(last + timedelta(days=1)), choice.current().zone)
