"""An article at the desk: whether it takes comments, and whether one watches it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.articles import ArticleState
from moderation.law.modes import acting
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue import watched_rows as watched
from moderation.moderators.queue import watching
from moderation.moderators.queue.view_rows import QueueView
from moderation.moderators.queue.watched_rows import Watched, WatchedComment
from moderation.sites.people.roles import Role
from moderation.spine.articles import states as article_states
from service import cached
from service.context import gavel, utc_now
from service.desk.frame import modes_in_force
from service.desk.frame.addresses import id_in
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import in_figures
from service.desk.queue import modes
from service.languages.wording import N_

routes = Routes(under="review")

KEPT_S = 20.0  # a count may be so old
COUNTED = 100
LISTED = 3  # newest comments of each watched article
STATES = {
    ArticleState.OPEN: N_("Open: comments are judged by the policy"),
    ArticleState.PREMODERATED: N_("Premoderated: a moderator reads each comment first"),
    ArticleState.CLOSED: N_("Closed: no new comments"),
}


@dataclass(frozen=True, slots=True)
class WatchedLine:
    """A watched article over the queue."""

    article_id: str
    title: str
    waiting: str
    newest: tuple[WatchedComment, ...]


def watch_list(conn: Connection) -> list[WatchedLine]:
    """The watched articles, with counts that may be ``KEPT_S`` old."""
    mine = watched.watched_by(conn, me().id, tuple(me().roles), limit=watching.MOST)
    key = ("waiting_on_articles", tuple(article.article_id for article in mine))
    counts = cached.value(key, KEPT_S, lambda: watched.count_waiting(conn, mine, at_most=COUNTED))
    newest = watched.newest_waiting(conn, [article for article in mine if counts[article.article_id]], limit=LISTED)
    return [_line(article, counts[article.article_id], newest.get(article.article_id, [])) for article in mine]


def _line(article: Watched, count: int, newest: list[WatchedComment]) -> WatchedLine:
    return WatchedLine(article.article_id, article.title, in_figures(count, COUNTED), tuple(newest))


def _waiting(conn: Connection, site_id: str, article_id: str) -> str:
    view = QueueView((site_id,), article_id=article_id)
    key = ("waiting_on_article", article_id)
    return in_figures(cached.value(key, KEPT_S, lambda: queue.count(conn, view, at_most=COUNTED)), COUNTED)


@routes.get("/articles/<uuid:article_id>", role=Role.MODERATOR, title=N_("Article"), endpoint="article")
def show(article_id: UUID) -> Response:
    with gavel().database.read() as conn:
        article = article_states.find_article(conn, me(), str(article_id))
        is_watched = watched.is_watched(conn, me().id, article.id)
        waiting = _waiting(conn, article.site_id, article.id)
        held = acting.in_force(conn, article.site_id, article_id=article.id, section=article.section, now=utc_now())
        mode_lines = modes_in_force.lines(conn, held, me())
    return page(
        "desk/queue/article.html",
        article=article,
        is_watched=is_watched,
        waiting=waiting,
        states=STATES,
        modes=mode_lines,
        mode_choices=modes.CHOICES,
        hours=modes.HOURS,
        usual_hours=modes.USUAL_HOURS,
        may_change=me().roles[article.site_id] in (Role.LEAD, Role.ADMIN),
    )


@routes.post("/articles/<uuid:article_id>/state", role=Role.LEAD)
def set_article_state(article_id: UUID) -> Response:
    wanted = request.form.get("state", "")
    if wanted not in set(ArticleState):
        raise InvalidInput(FieldProblem("state", "choose whether the article takes comments"))
    article_states.set_state(gavel().database, me(), str(article_id), ArticleState(wanted), now=utc_now())
    return redirect(url_for("desk.article", article_id=article_id), HTTPStatus.SEE_OTHER)


@routes.post("/articles/<uuid:article_id>/watch", role=Role.MODERATOR)
def watch_article(article_id: UUID) -> Response:
    """Watches an article, or with the other button no longer. Goes back to the comment that it was pressed at."""
    if "off" in request.form:
        watching.unwatch(gavel().database, me(), str(article_id))
    else:
        watching.watch(gavel().database, me(), str(article_id), now=utc_now())
    comment = id_in(request.form.get("comment"))
    if comment is None:
        return redirect(url_for("desk.article", article_id=article_id), HTTPStatus.SEE_OTHER)
    return redirect(url_for("desk.comment", comment_id=comment), HTTPStatus.SEE_OTHER)
