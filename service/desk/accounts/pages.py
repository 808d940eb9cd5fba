"""The yearly account at the desk, for leads: as a page, as CSV, and as the page for readers."""

from __future__ import annotations

from datetime import date, timedelta

from flask import request
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.insight.checks.error_rates import errors_between
from moderation.law.accounts import counting
from moderation.law.accounts import rows as store
from moderation.law.accounts.table import COLUMNS, lines
from moderation.law.accounts.values import YearlyAccount
from moderation.moderators.queue import rows as queue
from moderation.sites.people.roles import Role
from service import csv_tables
from service.context import gavel, utc_now
from service.desk.accounts import readers_page, wording
from service.desk.frame.rendering import my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.languages.wording import N_

routes = Routes(under="account_report")

MOST_DECISIONS = 20_000  # that a page counts; a command counts any number


@routes.get("/account-report", role=Role.LEAD, title=N_("Yearly account"), place=67, endpoint="account_report")
def show() -> Response:
    site_id, (first, last) = site_asked(), _days()
    account = _account(site_id, first, last)
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, my_sites())
    return page(
        "desk/accounts/account.html",
        site_id=site_id,
        site_names=site_names,
        first=first,
        last=last,
        sections=wording.sections(lines(account)) if account else (),
        most=MOST_DECISIONS,
    )


@routes.get("/account-report.csv", role=Role.LEAD, endpoint="account_csv")
def as_csv() -> Response:
    account, name = _small_account()
    rows = [COLUMNS, *(line.cells for line in lines(account))]
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(csv_tables.as_csv(rows), mimetype="text/csv", headers=headers)


@routes.get("/account-report.html", role=Role.LEAD, endpoint="account_page")
def as_page() -> Response:
    """For the site to publish."""
    account, name = _small_account()
    headers = {"Content-Disposition": f'attachment; filename="{name}.html"'}
    return Response(readers_page.html(account), mimetype="text/html", headers=headers)


def _small_account() -> tuple[YearlyAccount, str]:
    """With the name of its file."""
    first, last = _days()
    account = _account(site_asked(), first, last)
    if account is None:
        raise InvalidInput(
            FieldProblem("to", said("must leave at most %(most)s decisions", most=f"{MOST_DECISIONS:,}"))
        )
    return account, f"account-{first:%Y-%m-%d}-{last:%Y-%m-%d}"


def _account(site_id: str, first: date, last: date) -> YearlyAccount | None:
    """None where there are too many decisions for a page."""
    start, end = counting.midnight(first), counting.midnight(last + timedelta(days=1))
    with gavel().database.read() as conn:
        many = store.count_decisions(conn, site_id, start, end, at_most=MOST_DECISIONS + 1) > MOST_DECISIONS
    return None if many else counting.account(gavel().database, site_id, first, last, errors_of=errors_between)


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
