"""The audit trail over any days, as sentences on a page or raw as CSV of any length. It has no texts of comments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response

from moderation.ground.database.engine import Database
from moderation.moderators.finding import audit_trail
from moderation.moderators.finding.audit_trail import AuditPeriod
from moderation.moderators.queue import rows as queue
from moderation.sites.audit.actors import ActorKind
from moderation.sites.audit.kinds import AuditKind
from moderation.sites.people.roles import Role
from service import csv_tables
from service.context import gavel
from service.desk.frame.addresses import id_in
from service.desk.frame.rendering import my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences import days
from service.desk.history import in_words
from service.languages.wording import N_

routes = Routes(under="audit")

LINES = 100
USUAL_DAYS = 30
COLUMNS = ("when", "who", "action", "subject", "from", "to")
KIND_TITLES = {
    AuditKind.ALL: N_("Everything"),
    AuditKind.DECISIONS: N_("Decisions"),
    AuditKind.OTHER: N_("Everything except decisions"),
    AuditKind.POLICY: N_("The policy"),
    AuditKind.AUTHORS: N_("Authors"),
    AuditKind.CAMPAIGNS: N_("Campaigns"),
    AuditKind.APPEALS: N_("Appeals"),
    AuditKind.NOTICES: N_("Notices of illegal content"),
    AuditKind.PEOPLE: N_("People and accounts"),
    AuditKind.SESSIONS: N_("Logging in and out"),
    AuditKind.SITE: N_("The site, its keys and articles"),
    AuditKind.UPKEEP: N_("Upkeep"),
}
ACTOR_TITLES = {
    ActorKind.KEY: N_("The site’s keys"),
    ActorKind.OPERATOR: N_("Operators at a terminal"),
    ActorKind.SYSTEM: N_("Gavel itself"),
}


@routes.get("/audit", role=Role.LEAD, title=N_("Audit"), place=65, endpoint="audit")
def show() -> Response:
    wanted = _stretch()
    before = id_in(request.args.get("before"))
    with gavel().database.read() as conn:
        entries = audit_trail.page(conn, wanted, before=before, limit=LINES + 1, folds=True)
        names = queue.site_names(conn, my_sites())
        lines = in_words.lines(conn, wanted.site_id, entries[:LINES])
        people = audit_trail.actors(conn, wanted.site_id)
    return page(
        "desk/history/audit.html",
        lines=lines,
        older=entries[LINES - 1].id if len(entries) > LINES else None,
        site_id=wanted.site_id,
        site_names=names,
        chosen=_chosen(wanted),
        kinds=KIND_TITLES,
        people=people,
        actors=ACTOR_TITLES,
    )


@routes.get("/audit.csv", role=Role.LEAD, endpoint="audit_csv")
def as_csv() -> Response:
    """Streamed, because the log can be of any length."""
    wanted = _stretch()
    first, last = days.day_of(wanted.start), days.last_before(wanted.end)
    name = f"audit-{first:%Y-%m-%d}-{last:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_lines(gavel().database, wanted), mimetype="text/csv", headers=headers)


def _lines(database: Database, wanted: AuditPeriod) -> Iterator[str]:
    yield csv_tables.as_csv([COLUMNS])
    for entries in audit_trail.pages(database, wanted):
        yield csv_tables.as_csv(
            (
                entry.created_at.isoformat(),
                audit_trail.actor_in_words(entry),
                entry.action,
                entry.subject or "",
                _json(entry.before),
                _json(entry.after),
            )
            for entry in entries
        )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if value is not None else ""


def _stretch() -> AuditPeriod:
    first, last = days.asked(USUAL_DAYS)
    kind, by = request.args.get("kind", ""), request.args.get("by", "")
    return AuditPeriod(
        site_asked(),
        days.midnight(first),
        days.midnight(last + timedelta(days=1)),
        AuditKind(kind) if kind in set(AuditKind) else AuditKind.ALL,
        moderator_id=id_in(by),
        actor_kind=ActorKind(by) if by in ACTOR_TITLES else None,
    )


def _chosen(wanted: AuditPeriod) -> dict[str, object]:
    """The filters as they are in the address."""
    by = wanted.moderator_id or wanted.actor_kind
    first, last = days.day_of(wanted.start), days.last_before(wanted.end)
    return {"from": first, "to": last, "kind": wanted.kind, **({"by": by} if by else {})}
