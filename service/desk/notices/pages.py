"""Notices of illegal content: the list with its filters, and one notice with its comment, the letter to whoever gave
it, and for leads the contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from moderation.ground.errors import NotFound
from moderation.ground.wording.sentences import LANGUAGES
from moderation.law.notices import letters, list_rows, suspending
from moderation.law.notices.list_rows import ListedNotice, NoticesWanted
from moderation.law.notices.values import NoticeState
from moderation.moderators.queue import rows as queue
from moderation.sites.people.roles import Role, sites_where
from moderation.spine.comments import decision_rows as decisions
from service.context import gavel, utc_now
from service.desk.authors import eu_categories
from service.desk.frame.addresses import id_in
from service.desk.frame.blind import blind_among, is_blind
from service.desk.frame.excerpts import TextToCut, excerpts
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.wording import NOTICE_STATES, language_named
from service.desk.queue.query import parse
from service.languages.wording import N_, gettext

routes = Routes(under="notices")

LINES = 30
FLAGGERS = {"yes": N_("Trusted flaggers"), "no": N_("Everybody else")}
AGES = {
    "1": N_("The last day"),
    "7": N_("The last week"),
    "31": N_("The last month"),
    "366": N_("The last year"),
    "over-1": N_("Over a day ago"),
    "over-7": N_("Over a week ago"),
}
_OVER = "over-"


@routes.get("/notices", role=Role.MODERATOR, title=N_("Legal notices"), place=24, endpoint="notices")
def show() -> Response:
    """Those of the moderator's sites, newest first, without those of comments that this person still judges blind."""
    asked = _asked()
    with gavel().database.read() as conn:
        before = id_in(request.args.get("before"))
        listing = list_rows.listing(conn, _wanted(asked), before=before, limit=LINES)
        blind = blind_among(conn, [listed.notice.comment_id for listed in listing.found])
        lines = [listed for listed in listing.found if listed.notice.comment_id not in blind]
        begun = excerpts(conn, [TextToCut(listed.notice.comment_id, listed.text) for listed in lines])
        site_names = queue.site_names(conn, tuple(me().roles))
    return page(
        "desk/notices/notices.html",
        listing=listing,
        lines=lines,
        excerpts=begun,
        looked_at=list_rows.LOOKED_AT,
        asked={name: value for name, value in asked.items() if value},
        site_names=site_names,
        states={state: gettext(words) for state, words in NOTICE_STATES.items()},
        categories=eu_categories.in_words(),
        flaggers={value: gettext(words) for value, words in FLAGGERS.items()},
        ages={value: gettext(words) for value, words in AGES.items()},
        languages=_languages(),
    )


@routes.get("/notices/<uuid:notice_id>", role=Role.MODERATOR, title=N_("Legal notice"), endpoint="notice")
def show_notice(notice_id: UUID) -> Response:
    """One notice. Its contact is for leads, who may have to write to whoever gave it."""
    now = utc_now()
    with gavel().database.read() as conn:
        listed = list_rows.find(conn, tuple(me().roles), str(notice_id))
        if listed is None:
            raise NotFound("notice", str(notice_id))
        if is_blind(conn, listed.notice.comment_id):
            return redirect(url_for("desk.check", comment_id=listed.notice.comment_id), HTTPStatus.SEE_OTHER)
        shown = _shown(conn, listed)
        state = suspending.states(conn, me(), [listed.notice], now).get(listed.notice.id)
    return page(
        "desk/notices/notice.html",
        listed=listed,
        state=state,
        view=parse({}, me(), now=now),
        categories=eu_categories.in_words(),
        sees_contact=listed.notice.site_id in sites_where(me(), Role.LEAD),
        **shown,
    )


def _shown(conn: Connection, listed: ListedNotice) -> dict[str, Any]:
    """All around the notice that comes from the database."""
    notice = listed.notice
    return {
        "excerpts": excerpts(conn, [TextToCut(notice.comment_id, listed.text)]),
        "letter": letters.letter(conn, notice),
        "letter_path": letters.path(conn, notice),
        "decision": decisions.find_decision(conn, notice.decision_id) if notice.decision_id else None,
        "site_names": queue.site_names(conn, tuple(me().roles)),
    }


def _asked() -> dict[str, str]:
    """The filters in the address; what is not valid is dropped, as in the queue."""
    valid: Mapping[str, Mapping[Any, Any]] = {
        "state": NOTICE_STATES,
        "category": eu_categories.in_words(),
        "flagger": FLAGGERS,
        "days": AGES,
        "language": dict.fromkeys(LANGUAGES),
        "site": me().roles,
    }
    asked = {name: request.args.get(name, "") for name in valid}
    return {name: value if value in valid[name] else "" for name, value in asked.items()}


def _wanted(asked: Mapping[str, str]) -> NoticesWanted:
    days, now = asked["days"], utc_now()
    is_older = days.startswith(_OVER)
    moment = now - timedelta(days=int(days.removeprefix(_OVER))) if days else None
    return NoticesWanted(
        site_ids=(asked["site"],) if asked["site"] else tuple(me().roles),
        state=NoticeState(asked["state"]) if asked["state"] else None,
        category=asked["category"] or None,
        is_trusted=asked["flagger"] == "yes" if asked["flagger"] else None,
        language=asked["language"] or None,
        since=None if is_older else moment,
        until=moment if is_older else None,
    )


def _languages() -> dict[str, str]:
    """Those in which letters are written, in the order of their names."""
    return dict(sorted(((code, language_named(code)) for code in LANGUAGES), key=lambda named: named[1].lower()))
