"""The status line: what was just done, and the newest action of this shift that can be undone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from flask import url_for
from sqlalchemy.engine import Connection

from moderation.people.accounts import SESSION_HOURS
from moderation.store import comments, decisions, history, skips
from moderation.store.decisions import Decision
from service.context import utc_now
from service.desk.frame import wording
from service.desk.frame.rendering import me


@dataclass(frozen=True, slots=True)
class Line:
    """A decision or a skip, in words."""

    words: str
    author: str
    article: str
    undo: str  # the address that undoes it
    is_open_again: bool = False


def status_line(conn: Connection, *, done: str | None, current: str | None) -> dict[str, Line | None]:
    """``done`` is the id of a decision or of a skipped comment. If it is ``current``, that skip was undone."""
    since = utc_now() - timedelta(hours=SESSION_HOURS)
    decision = history.last_standing(conn, me().id, since=since)
    skip = skips.newest(conn, me().id, tuple(me().roles), since=since)
    if skip is not None and (decision is None or skip.skipped_at > decision.created_at):
        id, last = skip.comment_id, _skipped(conn, skip.comment_id, "Skipped")
    elif decision is not None:
        id, last = decision.id, _decided(conn, decision)
    else:
        return {"last": None, "done": _done(conn, done, current)}
    return {"last": last, "done": last if done == id else _done(conn, done, current)}


def _done(conn: Connection, done: str | None, current: str | None) -> Line | None:
    if done is None:
        return None
    if done == current:
        return replace(_skipped(conn, done, "Skip undone"), is_open_again=True)
    made = decisions.find_decision(conn, done)
    return _decided(conn, made) if made and made.moderator_id == me().id else None


def _decided(conn: Connection, decision: Decision) -> Line:
    words = wording.what_was_done(decision)
    if decision.category:
        words = f"{words} as {decision.category.lower()}"
    undo = url_for("desk.undo", decision_id=decision.id)
    author, article = _about(conn, decision.comment_id)
    return Line(words, author, article, undo, is_open_again=decision.undoes is not None)


def _skipped(conn: Connection, comment_id: str, words: str) -> Line:
    return Line(words, *_about(conn, comment_id), url_for("desk.take_back_skip", comment_id=comment_id))


def _about(conn: Connection, comment_id: str) -> tuple[str, str]:
    """The author's name and the article's title."""
    author, title = comments.author_and_article(conn, comment_id)
    return author or "No name", title or "an article"
