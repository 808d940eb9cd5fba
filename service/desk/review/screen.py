"""The review screen: the queue, one comment in its context, and why it is here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import redirect, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from moderation.ground.database.engine import new_id
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.insight.learning.precedents import Precedent
from moderation.law.notices import rows as given_notices
from moderation.law.notices import suspending
from moderation.moderators.campaigns import rows as campaigns
from moderation.moderators.finding import thread_rows as threads
from moderation.moderators.finding.context_rows import ReviewContext, load
from moderation.moderators.queue import escalation_rows as escalations
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.desk import duties as on_duty
from moderation.moderators.queue.desk.duties import Duties
from moderation.moderators.queue.rows import QueueLine
from moderation.moderators.review import comments_for_leads, overturning
from moderation.moderators.review import reviewing as review
from moderation.sites import rows as sites
from moderation.sites.people.roles import Role, sites_where
from moderation.sites.settings.values import SiteSettings
from service import cached
from service.context import gavel, utc_now
from service.desk.frame import opinions, tallies
from service.desk.frame.blind import is_blind
from service.desk.frame.excerpts import NEAR_CHARS, ListLine, excerpts_of, known
from service.desk.frame.rendering import me, page
from service.desk.frame.sentences.numbers import in_figures
from service.desk.frame.texts import marking
from service.desk.queue import articles, filters, hints, tags, views
from service.desk.queue.query import ORDER_TITLES, View
from service.desk.review import author_card, breaks, questions, reasons, receipts
from service.desk.review.house_words import house_words, likely_reasons, proposed_reason
from service.desk.review.status_line import status_line

LINES = 40
NOTICES = 10
NOBODY = UUID(int=0)
NAMES_S = 20.0  # a site's name may be so old
COUNTED = 1000  # beyond that the page says "1,000+"


def comment(
    view: View,
    comment_id: str,
    *,
    done: str | None = None,
    notice: str | None = None,
    about: str | None = None,
    whole_thread: bool = False,
    status: int = 200,
) -> Response:
    """The screen with this comment open. Opening a comment reserves it, so that nobody else is sent to it meanwhile.
    ``notice`` may be about another comment, which it then links to."""
    now, db = utc_now(), gavel().database
    with db.read() as conn:
        if is_blind(conn, comment_id):
            return redirect(url_for("desk.check", comment_id=comment_id), HTTPStatus.SEE_OTHER)
    is_mine = review.claim(db, me(), comment_id, now=now, lease_s=gavel().settings.claim_s)
    with db.read() as conn:
        context = load(conn, comment_id)
        reader = None if is_mine else queue.claimant(conn, comment_id, now=now)
        read = _read(conn, view, context, done=done, whole_thread=whole_thread, now=now)
    on_duty.attend(db, me(), read["duties"], now=now)
    return page(
        "desk/review/comment.html",
        status=status,
        notice=notice,
        about=about,
        context=context,
        view=view,
        reader=reader[1] if reader else None,
        minutes=breaks.minutes_without_break(me(), now),
        now=now,
        **_card(context, read["site"].settings),
        **read,
    )


def _read(
    conn: Connection, view: View, context: ReviewContext, *, done: str | None, whole_thread: bool, now: datetime
) -> dict[str, Any]:
    """All around the comment that comes from the database."""
    comment_id, site_id = context.comment.id, context.comment.site_id
    around = {**_queue(conn, view, comment_id), **status_line(conn, done=done, current=comment_id)}
    thread = threads.thread_of(conn, comment_id) if whole_thread else None
    others: list[ListLine] = [*context.ancestors, *context.replies, *(thread.lines if thread else ())]
    site, latest = sites.get_site(conn, site_id), _latest(context)
    noticed = given_notices.on_comment(conn, comment_id, limit=NOTICES)
    return {
        **around,
        **_texts(conn, around, others, gavel().precedents.like(conn, site_id, comment_id, now=now)),
        **author_card.around(conn, context.author, site.settings, now=now),
        "site": site,
        "thread": thread,
        "beside": filters.beside(conn, context),
        "may_collect": context.comment.site_id in sites_where(me(), Role.LEAD),
        "barred": comments_for_leads.reserved(conn, me(), context.comment),
        "known_by": _known_by(context, around["duties"]),
        "latest": latest,
        "overturned": overturning.in_force(context.comment, latest),
        "undoable": _undoable(conn, context, latest),
        "campaign": campaigns.of_comment(conn, comment_id) if context.campaign_id else None,
        "receipt": receipts.receipt(conn, context, site.settings, now=now),
        "together": questions.about(conn, context),
        "house_words": house_words(conn, context),
        "legal_notices": noticed,
        "opinions": opinions.of_readers(conn, context),
        "notifiers": suspending.states(conn, me(), noticed, now),
        "is_watched": any(line.article_id == context.article.id for line in around["watched"]),
    }


def _card(context: ReviewContext, settings: SiteSettings) -> dict[str, Any]:
    """The comment's text with its marks, and why it is here."""
    return {
        "text": marking.marked_text(context),
        "earlier": marking.earlier_texts(context),
        "reasons": reasons.reasons(context),
        "other_signals": reasons.other_signals(context),
        "models": reasons.models(context.scoring),
        "rejection_reasons": settings.offered_reasons,
        "proposed_reason": proposed_reason(context, settings),
        "likely_reasons": likely_reasons(context, settings),
        "is_open": context.comment.status is CommentStatus.FLAGGED,
    }


def _texts(
    conn: Connection, around: dict[str, Any], others: Sequence[ListLine], alike: Sequence[Precedent]
) -> dict[str, Any]:
    """The excerpts of all lists of the screen, the tags of the queue, and those of ``others`` that are checks.
    Precedents are without those that this person still has to judge blind."""
    listed = _listed(around)
    about = known(conn, [*listed, *others, *(precedent.decided for precedent in alike)])
    shown = [precedent for precedent in alike if precedent.decided.id not in about.blind]
    near = excerpts_of(others, about, chars=NEAR_CHARS) | excerpts_of([precedent.decided for precedent in shown], about)
    return {
        "excerpts": excerpts_of(listed, about),
        "tags": tags.titles(around["lines"], about.why),
        "near": near,
        "concealed": about.blind & {other.id for other in others},
        "precedents": shown,
    }


def _listed(around: dict[str, Any]) -> list[ListLine]:
    """The lines of the queue and over it."""
    return [*around["lines"], *(comment for article in around["watched"] for comment in article.newest)]


def nothing(
    view: View, *, done: str | None = None, notice: str | None = None, about: str | None = None, status: int = 200
) -> Response:
    """The screen when no comment waits, or when others are reading those that do."""
    with gavel().database.read() as conn:
        around = {**_queue(conn, view, None), **status_line(conn, done=done, current=None)}
        read = known(conn, _listed(around))
    on_duty.attend(gavel().database, me(), around["duties"], now=utc_now())
    around |= {"excerpts": excerpts_of(_listed(around), read), "tags": tags.titles(around["lines"], read.why)}
    return page("desk/review/empty.html", status=status, view=view, notice=notice, about=about, now=utc_now(), **around)


def _queue(conn: Connection, view: View, current: str | None) -> dict[str, Any]:
    now = utc_now()
    duties = on_duty.of_person(conn, me(), now=now)
    lines = on_duty.first_page(conn, view.queue, duties, now=now, limit=LINES)
    is_deeper = current is not None and current not in {line.id for line in lines}
    if is_deeper and (cursor := queue.cursor_of(conn, current or "", view.queue.order)):
        # Its neighbours below the first lines, so that the open comment is in the list
        deeper = queue.page(conn, view.queue, now=now, after=cursor, limit=LINES - 10)
        lines = lines[:10] + [line for line in deeper if line.id not in {upper.id for upper in lines[:10]}]
    ids = [line.id for line in lines]
    at = ids.index(current) if current in ids else None
    waiting, *in_views = queue.counts_to(conn, [(view.queue, COUNTED), *tallies.views(me())])
    site_names = _site_names(conn)
    return {
        "lines": lines,
        "duties": duties,
        "ticks": [f"{line.id}:{line.version}" for line in lines],
        "since": new_id(),
        "addresses": _addresses(view, ids),
        "previous": lines[at - 1] if at else None,
        "following": _following(lines, at),
        "waiting": in_figures(waiting, COUNTED),
        "beside_tabs": tallies.counted(me(), in_views),
        "shown_views": views.shown_in(conn),
        "site_names": site_names,
        "orders": ORDER_TITLES,
        "options": filters.options(conn, view, site_names),
        "named": filters.named(conn, view, url_for("desk.review")),
        "owners": escalations.owners(conn, ids) if view.queue.escalated else {},
        "watched": articles.watch_list(conn),
        **hints.shown(conn, view, now=now),
    }


def _known_by(context: ReviewContext, duties: Duties) -> tuple[str, ...]:
    """The names of those who know what the comment is held for, where these are others and at the desk."""
    waits = context.comment.status is CommentStatus.FLAGGED or context.comment.is_noticed
    if not waits or context.escalated_at is not None:
        return ()
    return duties.names(context.comment.site_id, context.flagged_for)


def _site_names(conn: Connection) -> dict[str, str]:
    site_ids = tuple(me().roles)
    return cached.value(("site_names", site_ids), NAMES_S, lambda: queue.site_names(conn, site_ids))


def _addresses(view: View, ids: Sequence[str]) -> dict[str, str]:
    """The address of each line. One is made for all: to make forty took a twentieth of the page's time."""
    before, _nobody, after = view.under(url_for("desk.comment", comment_id=NOBODY)).partition(str(NOBODY))
    return {id: f"{before}{id}{after}" for id in ids}


def _following(lines: list[QueueLine], at: int | None) -> QueueLine | None:
    rest = lines if at is None else lines[at + 1 :]
    return rest[0] if rest else None


def _latest(context: ReviewContext) -> Decision | None:
    """The newest decision, if a person or the site made it."""
    latest = context.decisions[0] if context.decisions else None
    return latest if latest and (latest.moderator_id or latest.decided_by is DecidedBy.API) else None


def _undoable(conn: Connection, context: ReviewContext, latest: Decision | None) -> str | None:
    """The id of the newest decision, if it holds and this moderator may undo it: of one that published or rejected the
    comment, or of the request to a lead."""
    if latest is None or latest.version + 1 != context.comment.version:
        return None
    if context.comment.status is CommentStatus.FLAGGED and context.escalated_at is None:
        return None
    barred = comments_for_leads.reserved_to_undo(conn, me(), context.comment, latest)
    return None if barred else latest.id
