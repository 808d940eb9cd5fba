"""Takes comments in, edits and withdraws them. A refused comment leaves no row; an accepted one is committed.

Texts are checked here, and ``storing`` inserts new comments. The ``door`` makes every later change of a comment.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from moderation.ground.database.engine import Database, refusals
from moderation.ground.errors import GavelError
from moderation.ground.jobs.jobs import Queues
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.comments import Comment, Lane
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.reading_cost import cost_of
from moderation.law.modes import acting as modes
from moderation.pipeline.arriving import comment_text, storing
from moderation.pipeline.arriving.fitting import AS_WANTED, Fitting
from moderation.pipeline.arriving.submission import Submission
from moderation.spine.articles import rows as articles
from moderation.spine.comments import door, stale_versions
from moderation.spine.comments import fact_rows as facts
from moderation.spine.comments import rows as comments

log = logging.getLogger(__name__)


def submit(
    db: Database,
    queues: Queues,
    site_id: str,
    submission: Submission,
    *,
    lane: Lane,
    now: datetime,
    fit: Fitting = AS_WANTED,
) -> Comment:
    """Records a comment and queues it. The same id and body again gives the comment as it now stands.

    Raises InvalidInput, ArticleClosed, AuthorSilenced, NotKept, AuthorTooFast, and IdConflict when the id is taken by
    another body.
    """
    ready = replace(submission, text=comment_text.clean(submission.text))
    with refusals():
        try:
            comment, is_new = _accept_alone(db, site_id, ready, lane, now, fit)
        except IntegrityError:  # the same id arrived twice at once, and the other one was first
            comment, is_new = _accept_alone(db, site_id, ready, lane, now, fit)
    if is_new:
        queues.score(comment.id, comment.lane, comment.cost)
        _log_accepted(comment)
    return comment


def submit_many(
    db: Database, queues: Queues, site_id: str, submissions: Sequence[Submission], *, now: datetime
) -> list[Comment | GavelError]:
    """Records up to hundreds of comments in one transaction. The result has, in order, each comment or the reason it
    was refused.

    A comment that the database refuses is left out like one that breaks a rule, and the others are stored.
    """
    results: list[Comment | GavelError] = []
    new: list[Comment] = []
    with db.write() as conn:
        for submission in submissions:
            try:
                ready = replace(submission, text=comment_text.clean(submission.text))
                comment, is_new = _accept_in(conn, site_id, ready, now)
            except GavelError as e:
                results.append(e)
            else:
                results.append(comment)
                if is_new:
                    new.append(comment)
    queues.score_all(Lane.BULK, {comment.id: comment.cost for comment in new})
    for comment in new:
        _log_accepted(comment)
    return results


def edit(
    db: Database,
    queues: Queues,
    site_id: str,
    external_id: str,
    text: str,
    *,
    now: datetime,
    version: int | None = None,
    lane: Lane = Lane.LIVE,
    fit: Fitting = AS_WANTED,
) -> Comment:
    """Makes a new version with a new text, which waits to be scored. While a mode for breaking news closes comments
    there, a person reads it first.

    Without ``version``, the edit waits for a decision that is being made at this moment, and then replaces it. Raises
    NotFound, MoveNotAllowed, AuthorSlowed, and StaleVersion if the comment is not at ``version``.
    """
    cleaned = comment_text.clean(text)
    with db.read() as conn:
        cost = _cost_of_edit(conn, comments.get_comment(conn, site_id, external_id), cleaned, fit)
    lane = fit.lane(lane, cost)
    with db.write() as conn:
        comment = stale_versions.check(conn, comments.lock_external(conn, site_id, external_id), version)
        if comment.text == cleaned:
            return comment
        modes.refuse_fast_edit(conn, comment, now=now)
        door.edited(conn, comment, cleaned, lane=lane, now=now)
        facts.forget_typing(conn, comment.id)  # the time was of the old text
        comments.set_cost(conn, comment.id, cost)
        edited = comments.get_by_id(conn, comment.id)
    queues.forget_failed(edited.id)
    queues.score(edited.id, lane, cost)
    _log_accepted(edited)
    return edited


def withdraw(db: Database, site_id: str, external_id: str, *, now: datetime) -> Comment:
    """Takes the comment offline for good, at the wish of the author or the site. No later decision changes that, and
    withdrawing again is no error."""
    with db.write() as conn:
        comment = comments.lock_external(conn, site_id, external_id)
        if comment.status is not CommentStatus.WITHDRAWN:
            door.withdrawn(conn, comment, now=now)
        return comments.get_by_id(conn, comment.id)


def _cost_of_edit(conn: Connection, comment: Comment, cleaned: str, fit: Fitting) -> int:
    article, updated_at = articles.text_of(conn, comment.article_id)
    unread = article if fit.reads(comment.article_id, updated_at) else None
    parent = comments.get_by_id(conn, comment.parent_id).text if comment.parent_id is not None else None
    return cost_of(cleaned, parent=parent, article=unread)


def _log_accepted(comment: Comment) -> None:
    instruments().accepted.labels(comment.lane).inc()
    log.info("comment accepted", extra={"comment_id": comment.id, "site_id": comment.site_id, "lane": comment.lane})


def _accept_alone(
    db: Database, site_id: str, ready: Submission, lane: Lane, now: datetime, fit: Fitting
) -> tuple[Comment, bool]:
    """Looks before it locks: SQLite allows one writer at a time, and this one writes only for the INSERT."""
    with db.read() as conn:
        stored = storing.with_unread(conn, storing.look_up(conn, site_id, ready, now), fit)
    if stored.comment is not None:
        return stored.comment, False
    fitting = fit.lane(lane, storing.cost_in(ready, stored))
    with db.write() as conn:
        comment = storing.keep(conn, site_id, ready, stored, lane=fitting, now=now)
    if stored.place is None:
        fit.reads(comment.article_id, now)  # with this comment
    return comment, True


def _accept_in(conn: Connection, site_id: str, ready: Submission, now: datetime) -> tuple[Comment, bool]:
    """Accepts one of many in a transaction that a single refusal must not undo."""
    with refusals():
        try:
            with conn.begin_nested():
                return _accept(conn, site_id, ready, now)
        except IntegrityError:  # as in submit
            with conn.begin_nested():
                return _accept(conn, site_id, ready, now)


def _accept(conn: Connection, site_id: str, ready: Submission, now: datetime) -> tuple[Comment, bool]:
    """The pace of one reader does not count here: imports bring a year of them in a minute."""
    stored = replace(storing.look_up(conn, site_id, ready, now), per_minute=None, modes=())
    if stored.comment is not None:
        return stored.comment, False
    return storing.keep(conn, site_id, ready, stored, lane=Lane.BULK, now=now), True
