"""Takes comments in, edits and withdraws them. A refused comment leaves no row; an accepted one is committed.

Texts are checked and new comments inserted here. The ``door`` makes every later change of a comment.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from moderation.arriving import comment_text, reader_limits
from moderation.arriving.surroundings_rows import ArticlePlace, surroundings
from moderation.articles import rows as articles
from moderation.authors import taking_measures as author_measures
from moderation.comments import door, stale_versions
from moderation.comments import fact_rows as facts
from moderation.comments import rows as comments
from moderation.comments.rows import Listed
from moderation.database.engine import Database, new_id, refusals
from moderation.environment.network import subscriber
from moderation.errors import ArticleClosed, FieldProblem, GavelError, IdConflict, InvalidInput
from moderation.jobs.jobs import Queues, ToScore
from moderation.monitoring.instruments import instruments
from moderation.monitoring.logs import request_id
from moderation.text.reading_cost import cost_of
from moderation.values.articles import ArticleState
from moderation.values.authors import Author
from moderation.values.comments import Comment, Lane
from moderation.values.statuses import CommentStatus

MOST_AHEAD = timedelta(minutes=5)
"""How far the clock of a site may be ahead of ours. A comment from further ahead would stay the newest of its list."""

_PARTS = json.JSONEncoder(default=str)  # made once: ``json.dumps`` makes one for every comment

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Submission:
    """A comment as a site sends it, before anything is checked. ``article`` holds the site's other fields about the
    article."""

    article_id: str
    author_id: str
    text: str
    id: str | None = None
    article: tuple[tuple[str, object], ...] = ()
    author_name: str | None = None
    parent_id: str | None = None
    posted_at: datetime | None = None
    language: str | None = None
    author_registered_at: datetime | None = None
    author_email_domain: str | None = None
    author_address: str | None = field(default=None, repr=False)  # as the site sent it: kept as a digest only
    typed_s: float | None = None

    def digest(self) -> str:
        """Equal for two bodies that say the same. Facts about the author and the arrival do not count: of an address
        not even a digest without a key may be kept."""
        parts: list[object] = [self.article_id, self.author_id, self.text, list(self.article), self.author_name]
        parts += [self.parent_id, self.posted_at and self.posted_at.isoformat(), self.language]
        return hashlib.sha256(_PARTS.encode(parts).encode()).hexdigest()


def submit(db: Database, queues: Queues, site_id: str, submission: Submission, *, lane: Lane, now: datetime) -> Listed:
    """Records a comment and queues it. The same id and body again gives the comment as it now stands.

    Raises InvalidInput, ArticleClosed, AuthorSilenced, NotKept, AuthorTooFast, and IdConflict when the id is taken by
    another body.
    """
    ready = replace(submission, text=comment_text.clean(submission.text))
    with refusals():
        try:
            listed, is_new = _accept_alone(db, site_id, ready, lane, now)
        except IntegrityError:  # the same id arrived twice at once, and the other one was first
            listed, is_new = _accept_alone(db, site_id, ready, lane, now)
    if is_new:
        queues.score(ToScore(listed.comment.id, lane, listed.comment.cost))
        _log_accepted(listed.comment)
    return listed


def submit_many(
    db: Database, queues: Queues, site_id: str, submissions: Sequence[Submission], *, now: datetime
) -> list[Listed | GavelError]:
    """Records up to hundreds of comments in one transaction. The result has, in order, each comment or the reason it
    was refused.

    A comment that the database refuses is left out like one that breaks a rule, and the others are stored.
    """
    results: list[Listed | GavelError] = []
    new: list[Comment] = []
    jobs: list[ToScore] = []
    with db.write() as conn:
        for submission in submissions:
            try:
                ready = replace(submission, text=comment_text.clean(submission.text))
                listed, is_new = _accept_in(conn, site_id, ready, now)
            except GavelError as e:
                results.append(e)
            else:
                results.append(listed)
                if is_new:
                    new.append(listed.comment)
                    jobs.append(ToScore(listed.comment.id, Lane.BULK, listed.comment.cost))
    queues.score_all(jobs)
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
) -> Listed:
    """Makes a new version with a new text, which waits to be scored.

    Without ``version``, the edit waits for a decision that is being made at this moment, and then replaces it. Raises
    NotFound, MoveNotAllowed, and StaleVersion if the comment is not at ``version``.
    """
    cleaned = comment_text.clean(text)
    with db.write() as conn:
        comment = stale_versions.check(conn, comments.lock_external(conn, site_id, external_id), version)
        if comment.text == cleaned:
            return comments.get_listed(conn, site_id, external_id)
        door.edited(conn, comment, cleaned, lane=lane, now=now)
        facts.forget_typing(conn, comment.id)  # the time was of the old text
        comments.set_cost(conn, comment.id, cost := cost_of(cleaned))
        listed = comments.get_listed(conn, site_id, external_id)
    queues.forget_failed(listed.comment.id)
    queues.score(ToScore(listed.comment.id, lane, cost))
    _log_accepted(listed.comment)
    return listed


def withdraw(db: Database, site_id: str, external_id: str, *, now: datetime) -> Listed:
    """Takes the comment offline for good, at the wish of the author or the site. No later decision changes that, and
    withdrawing again is no error."""
    with db.write() as conn:
        comment = comments.lock_external(conn, site_id, external_id)
        if comment.status is not CommentStatus.WITHDRAWN:
            door.withdrawn(conn, comment, now=now)
        return comments.get_listed(conn, site_id, external_id)


def _log_accepted(comment: Comment) -> None:
    instruments().accepted.labels(comment.lane).inc()
    log.info("comment accepted", extra={"comment_id": comment.id, "site_id": comment.site_id, "lane": comment.lane})


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows that the database already has for a submission."""

    comment: Listed | None
    place: ArticlePlace | None = None
    author: Author | None = None
    parent: Comment | None = None
    per_minute: int | None = None  # comments that one reader may send


def _accept_alone(db: Database, site_id: str, ready: Submission, lane: Lane, now: datetime) -> tuple[Listed, bool]:
    """Looks before it locks: SQLite allows one writer at a time, and this one writes only for the INSERT."""
    with db.read() as conn:
        found = _look_up(conn, site_id, ready, now)
    if found.comment is not None:
        return found.comment, False
    with db.write() as conn:
        return _keep(conn, site_id, ready, found, lane=lane, now=now), True


def _accept_in(conn: Connection, site_id: str, ready: Submission, now: datetime) -> tuple[Listed, bool]:
    """Accepts one of many in a transaction that a single refusal must not undo."""
    with refusals():
        try:
            with conn.begin_nested():
                return _accept(conn, site_id, ready, now)
        except IntegrityError:  # as in submit
            with conn.begin_nested():
                return _accept(conn, site_id, ready, now)


def _accept(conn: Connection, site_id: str, ready: Submission, now: datetime) -> tuple[Listed, bool]:
    """The pace of one reader does not count here: imports bring a year of them in a minute."""
    found = replace(_look_up(conn, site_id, ready, now), per_minute=None)
    if found.comment is not None:
        return found.comment, False
    return _keep(conn, site_id, ready, found, lane=Lane.BULK, now=now), True


def _look_up(conn: Connection, site_id: str, ready: Submission, now: datetime) -> _Found:
    """Raises IdConflict, ArticleClosed, AuthorSilenced and InvalidInput. Every refusal happens here, before any
    write."""
    if ready.id is not None and (known := comments.find_digest(conn, site_id, ready.id)) is not None:
        if known != ready.digest():
            raise IdConflict(ready.id)
        return _Found(comments.get_listed(conn, site_id, ready.id))
    if ready.posted_at is not None and ready.posted_at > now + MOST_AHEAD:
        limit = f"{MOST_AHEAD.seconds // 60} minutes ahead of our clock ({now:%Y-%m-%dT%H:%M:%SZ})"
        raise InvalidInput(FieldProblem("posted_at", f"must not be more than {limit}"))
    described = tuple(_described(ready))
    found = surroundings(conn, site_id, ready.article_id, ready.author_id, described)
    if found.place is not None and found.place.state is ArticleState.CLOSED:
        raise ArticleClosed(ready.article_id)
    if found.author is not None:
        author_measures.refuse_silenced(conn, found.author, now=now)
    parent = _parent(conn, site_id, ready, found.place)
    return _Found(None, found.place, found.author, parent, found.per_minute)


def _keep(conn: Connection, site_id: str, ready: Submission, found: _Found, *, lane: Lane, now: datetime) -> Listed:
    article_id = _article_id(conn, site_id, ready, found.place, now)
    author = _author(conn, site_id, ready, found.author, now)
    answered = found.parent.text if found.parent else None
    cost = cost_of(ready.text, parent=answered, article=_new_text(ready, found.place))
    reader_limits.check(conn, author, found.per_minute, cost, now=now)
    comment_id = new_id()
    comment = Comment(
        id=comment_id,
        site_id=site_id,
        external_id=ready.id or comment_id,
        article_id=article_id,
        author_id=author.id,
        parent_id=found.parent.id if found.parent else None,
        text=ready.text,
        language=ready.language,
        status=CommentStatus.WAITING,
        version=1,
        posted_at=ready.posted_at or now,
        received_at=now,
        updated_at=now,
        lane=lane,
        request_id=request_id.get(),
        cost=cost,
    )
    comments.insert_comment(conn, comment, body_digest=ready.digest())
    if ready.author_address is not None or ready.typed_s is not None:
        address = subscriber(ready.author_address) if ready.author_address else None
        digest = facts.address_digest(conn, site_id, address) if address else None
        facts.insert_facts(conn, comment, address=digest, typed_s=ready.typed_s)
    parent_status = found.parent.status if found.parent else None
    return Listed(comment, ready.article_id, author.external_id, author.name, ready.parent_id, parent_status)


def _described(ready: Submission) -> dict[str, object]:
    return {name: value for name, value in ready.article if value is not None}


def _new_text(ready: Submission, place: ArticlePlace | None) -> str | None:
    """The text of the article, if no worker can have read it yet."""
    text = _described(ready).get("text")
    is_new = isinstance(text, str) and (place is None or place.described["text"] != text)
    return str(text) if is_new else None


def _article_id(conn: Connection, site_id: str, ready: Submission, place: ArticlePlace | None, now: datetime) -> str:
    """Our id of the article, which is made when it is new, and which is then as the site describes it now."""
    said = _described(ready)
    if place is None:
        articles.insert_article(conn, site_id, ready.article_id, said, now=now)
        return articles.get_article(conn, site_id, ready.article_id).id
    changed = {name: value for name, value in said.items() if place.described[name] != value}
    if changed:
        articles.update_article(conn, place.id, changed, now=now)
    return place.id


def _parent(conn: Connection, site_id: str, ready: Submission, place: ArticlePlace | None) -> Comment | None:
    if ready.parent_id is None:
        return None
    found = comments.find_comment(conn, site_id, ready.parent_id)
    if found is None:
        raise InvalidInput(FieldProblem("parent_id", f"no comment has the id {ready.parent_id!r}"))
    if place is None or found.article_id != place.id:
        raise InvalidInput(FieldProblem("parent_id", "is a comment on another article"))
    return found


def _author(conn: Connection, site_id: str, ready: Submission, author: Author | None, now: datetime) -> Author:
    """The author as the site describes them now; made when they are new. A fact that was not sent stays as it was."""
    said = {
        "name": ready.author_name,
        "registered_at": ready.author_registered_at,
        "email_domain": ready.author_email_domain,
    }
    said = {name: value for name, value in said.items() if value}
    if author is None:
        articles.insert_author(conn, site_id, ready.author_id, said, now=now)
        author = articles.find_author(conn, site_id, ready.author_id)
        assert author is not None
    changed: dict[str, Any] = {name: value for name, value in said.items() if getattr(author, name) != value}
    if changed:
        articles.update_author(conn, author.id, changed)
        author = replace(author, **changed)
    return author
