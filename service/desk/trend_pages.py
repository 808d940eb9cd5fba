"""Trends: charts with the numbers beside them, over any days, and the same as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from datetime import timedelta

from flask import Blueprint, request
from werkzeug.wrappers import Response

from moderation import accounts, stats
from moderation.errors import FieldProblem, InvalidInput
from moderation.sites import Role
from moderation.stats import MAX_DAYS
from moderation.store import queue
from moderation.store.trends import Period
from service.context import gavel, utc_now
from service.desk import cached, charts, days
from service.desk.rendering import me, page
from service.desk.views import reason_title

KEPT_S = 60.0
USUAL_DAYS = 14


def register(desk: Blueprint) -> None:
    desk.add_url_rule("/trends", "trends", show)
    desk.add_url_rule("/trends.csv", "trends_csv", as_csv)


def show() -> Response:
    period = _period()
    found = _trends(period)
    leads = tuple(site for site in accounts.sites_where(me(), Role.LEAD) if site in period.site_ids)
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, tuple(me().roles))
    return page(
        "desk/trends.html",
        found=found,
        first=period.start.date(),
        last=(period.end - timedelta(days=1)).date(),
        site=request.args.get("site", ""),
        site_names=site_names,
        people=stats.by_moderator(gavel().database, Period(leads, period.start, period.end)) if leads else None,
        arrived_line=charts.line([d.arrived for d in found.days], title="Comments that arrived, by day"),
        backlog_line=charts.line([d.backlog for d in found.days], title="Waiting at the end of the day"),
        rate_line=charts.line([d.flag_rate for d in found.days], title="Share flagged, by day"),
        reason_title=reason_title,
    )


def as_csv() -> Response:
    period = _period()
    out = io.StringIO()
    rows = [asdict(day) for day in _trends(period).days]
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    name = f"trends-{period.start:%Y-%m-%d}-{period.end - timedelta(days=1):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(out.getvalue(), mimetype="text/csv", headers=headers)


def _trends(period: Period) -> stats.Trends:
    db = gavel().database
    return cached.value(("trends", period), KEPT_S, lambda: stats.trends_of(db, period, now=utc_now()))


def _period() -> Period:
    """Whole UTC days, both ends included; the last two weeks unless asked otherwise."""
    first, last = days.asked(USUAL_DAYS)
    if (last - first).days >= MAX_DAYS:
        raise InvalidInput(FieldProblem("from", f"the days must be at most {MAX_DAYS}"))
    site = request.args.get("site", "")
    sites = (site,) if site in me().roles else tuple(me().roles)
    return Period(sites, days.midnight(first), days.midnight(last + timedelta(days=1)))
