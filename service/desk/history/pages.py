"""History: the decisions that people made, newest first, each with an undo, by the filters of the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from moderation.ground.database.engine import first_id_at
from moderation.moderators.finding import audit_trail
from moderation.moderators.finding import history_page_rows as history_listing
from moderation.moderators.finding import history_rows as history
from moderation.moderators.finding.history_page_rows import HistoryOutcome, HistoryWanted
from moderation.moderators.queue import rows as queue
from moderation.moderators.review import comments_for_leads
from moderation.sites.people.roles import Role, sites_where
from service import cached
from service.context import gavel, utc_now
from service.desk.frame.addresses import id_in
from service.desk.frame.blind import blind_among
from service.desk.frame.excerpts import TextToCut, excerpts
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.frame.sentences import days
from service.desk.frame.sentences.wording import reason_title
from service.desk.history.in_words import history_sentence
from service.desk.queue import choices, filters
from service.desk.queue.query import parse
from service.languages.wording import N_

routes = Routes(under="history")

LINES = 50
NAMES_S = 30.0  # people's names and the reasons to choose from may be so old
OUTCOMES = {
    HistoryOutcome.APPROVED: N_("Approved"),
    HistoryOutcome.REJECTED: N_("Rejected"),
    HistoryOutcome.ESCALATED: N_("Escalated"),
    HistoryOutcome.UNDONE: N_("Undone"),
}
OF_QUEUE = ("site", "signal", "section", "language", "article", "author")


@routes.get("/history", role=Role.MODERATOR, title=N_("History"), place=40, endpoint="history")
def show() -> Response:
    """One page across the moderator's sites: each site's index gives its newest, and ids grow with time."""
    asked, path = _asked(), url_for("desk.history")
    reads = tuple(me().roles)
    with gavel().database.read() as conn:
        wanted = _wanted(conn, asked, reads)
        listing = history_listing.listing(conn, wanted, before=id_in(request.args.get("before")), limit=LINES)
        blind = blind_among(conn, [entry.decision.comment_id for entry in listing.found])
        listing = replace(listing, found=tuple(e for e in listing.found if e.decision.comment_id not in blind))
        decisions = [entry.decision for entry in listing.found]
        view = parse(asked, me(), now=utc_now())
        shown: dict[str, Any] = {
            "tallies": history.tallies(conn, [d.batch_id for d in decisions if d.batch_id], reads=reads),
            "barred": comments_for_leads.many_reserved_to_undo(conn, me(), decisions),
            "excerpts": excerpts(conn, [TextToCut(e.decision.comment_id, e.text) for e in listing.found]),
            "site_names": queue.site_names(conn, reads),
            "people": _people(conn, reads),
            "sections": choices.sections(conn, reads, asked.get("section")),
            "languages": choices.languages(conn, reads, asked.get("language")),
            "signals": _reasons(conn, reads, asked.get("signal")),
            "named": filters.named(conn, view, path, **{name: asked[name] for name in asked if name not in OF_QUEUE}),
        }
    return page(
        "desk/history/history.html",
        entries=listing.found,
        listing=listing,
        looked_at=history_listing.LOOKED_AT,
        asked=asked,
        led=sites_where(me(), Role.LEAD),
        outcomes=OUTCOMES,
        sentence=history_sentence,
        done=next((e for e in listing.found if e.decision.id == request.args.get("done")), None),
        **shown,
    )


def _asked() -> dict[str, str]:
    """The filters in the address; invalid ones are dropped, as in the queue. Raises InvalidInput for days."""
    view = parse(request.args, me(), now=utc_now())
    asked = {name: view.given[name] for name in OF_QUEUE if name in view.given}
    by = me().id if "mine" in request.args else id_in(request.args.get("by"))
    outcome = request.args.get("outcome", "")
    first, last = days.given()
    more: Mapping[str, Any] = {
        "by": by,
        "outcome": outcome if outcome in set(HistoryOutcome) else "",
        "from": first,
        "to": last,
    }
    return asked | {name: str(value) for name, value in more.items() if value}


def _wanted(conn: Connection, asked: Mapping[str, str], reads: tuple[str, ...]) -> HistoryWanted:
    def first_id(name: str, later: int) -> str | None:
        day = date.fromisoformat(asked[name]) + timedelta(days=later) if name in asked else None
        return first_id_at(days.midnight(day)) if day else None

    return HistoryWanted(
        site_ids=(asked["site"],) if "site" in asked else reads,
        reads=reads,
        moderator_id=asked.get("by"),
        since=first_id("from", 0),
        until=first_id("to", 1),
        outcome=HistoryOutcome(asked["outcome"]) if "outcome" in asked else None,
        sections=choices.spellings(conn, reads, asked["section"]) if "section" in asked else (),
        language=asked.get("language"),
        article_id=asked.get("article"),
        author_id=asked.get("author"),
        flagged_for=asked.get("signal"),
    )


def _reasons(conn: Connection, site_ids: tuple[str, ...], chosen: str | None) -> dict[str, str]:
    """The reasons for holding a comment that one may choose from: titles by value, in the order of the titles."""
    key = ("flagged_for_of_the_history", site_ids)
    reasons = cached.value(key, NAMES_S, lambda: history_listing.flagged_for(conn, site_ids))
    titles = {value: reason_title(value) for value in {*reasons, *([chosen] if chosen else [])}}
    return dict(sorted(titles.items(), key=lambda reason: reason[1].lower()))


def _people(conn: Connection, site_ids: tuple[str, ...]) -> dict[str, str]:
    """Everybody who has worked for one of the sites, those who have left too: names by id."""

    def read() -> dict[str, str]:
        people = {id: name for site_id in site_ids for id, name in audit_trail.actors(conn, site_id).items()}
        return dict(sorted(people.items(), key=lambda person: person[1].lower()))

    return cached.value(("people_of_the_history", site_ids), NAMES_S, read)
