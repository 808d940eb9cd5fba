"""The transparency report at the desk, for leads: as a page, as CSV, and as the page for readers."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.insight.checks.error_rates import errors_between
from moderation.law.transparency_report import counting
from moderation.law.transparency_report import rows as store
from moderation.law.transparency_report.table import COLUMNS, lines
from moderation.law.transparency_report.values import TransparencyReport
from moderation.moderators.queue import rows as queue
from moderation.sites.people.roles import Role
from service import csv_tables
from service.context import gavel, utc_now
from service.desk.frame.rendering import my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.transparency_report import readers_page, wording
from service.languages.wording import N_

routes = Routes(under="transparency_report")

MOST_DECISIONS = 20_000  # that a page counts; a command counts any number


@routes.get(
    "/transparency-report", role=Role.LEAD, title=N_("Transparency report"), place=67, endpoint="transparency_report"
)
def show() -> Response:
    site_id, (first, last) = site_asked(), _days()
    transparency = _report(site_id, first, last)
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, my_sites())
    return page(
        "desk/transparency_report/transparency_report.html",
        site_id=site_id,
        site_names=site_names,
        first=first,
        last=last,
        sections=wording.sections(lines(transparency)) if transparency else (),
        most=MOST_DECISIONS,
    )


@routes.get("/account-report", role=Role.LEAD, endpoint="account_report")
def former_address() -> Response:
    """Leads on until the next release: bookmarks lead there."""
    return redirect(
        f"{url_for('desk.transparency_report')}?{request.query_string.decode()}", HTTPStatus.MOVED_PERMANENTLY
    )


@routes.get("/transparency-report.csv", role=Role.LEAD, endpoint="transparency_csv")
def as_csv() -> Response:
    transparency, name = _small_report()
    rows = [COLUMNS, *(line.cells for line in lines(transparency))]
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(csv_tables.as_csv(rows), mimetype="text/csv", headers=headers)


@routes.get("/transparency-report.html", role=Role.LEAD, endpoint="transparency_page")
def as_page() -> Response:
    """The report for the site to publish."""
    transparency, name = _small_report()
    headers = {"Content-Disposition": f'attachment; filename="{name}.html"'}
    return Response(readers_page.html(transparency), mimetype="text/html", headers=headers)


def _small_report() -> tuple[TransparencyReport, str]:
    """The small report with the name of its file."""
    first, last = _days()
    transparency = _report(site_asked(), first, last)
    if transparency is None:
        raise InvalidInput(
            FieldProblem("to", said("must leave at most %(most)s decisions", most=f"{MOST_DECISIONS:,}"))
        )
    return transparency, f"transparency-report-{first:%Y-%m-%d}-{last:%Y-%m-%d}"


def _report(site_id: str, first: date, last: date) -> TransparencyReport | None:
    """None where there are too many decisions for a page."""
    start, end = counting.midnight(first), counting.midnight(last + timedelta(days=1))
    with gavel().database.read() as conn:
        many = store.count_decisions(conn, site_id, start, end, at_most=MOST_DECISIONS + 1) > MOST_DECISIONS
    return (
        None if many else counting.transparency_report(gavel().database, site_id, first, last, errors_of=errors_between)
    )


def _days() -> tuple[date, date]:
    """The days that the form names, or else this year's so far. Raises InvalidInput."""
    today = utc_now().date()
    first = _day("from", date(today.year, 1, 1))
    return first, _day("to", max(first, today))


def _day(name: str, usual: date) -> date:
    try:
        return date.fromisoformat(request.args[name]) if request.args.get(name) else usual
    except ValueError as e:
        raise InvalidInput(FieldProblem(name, said("must be a day like 2026-03-02"))) from e
