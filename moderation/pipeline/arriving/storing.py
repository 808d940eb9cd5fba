"""Stores a new comment with its article and author: first all looks and refusals, then all writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.environment.network import subscriber
from moderation.ground.errors import ArticleClosed, FieldProblem, IdConflict, InvalidInput
from moderation.ground.monitoring.logs import request_id
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.authors import Author
from moderation.ground.values.comments import Comment, Lane
from moderation.ground.values.modes import Mode
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.reading_cost import cost_of
from moderation.law.modes import acting as modes
from moderation.moderators.authors import taking_measures as author_measures
from moderation.pipeline.arriving import reader_limits
from moderation.pipeline.arriving.fitting import Fitting
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.arriving.surroundings_rows import ArticlePlace, surroundings
from moderation.spine.articles import rows as articles
from moderation.spine.articles import untitled_rows as untitled
from moderation.spine.comments import fact_rows as facts
from moderation.spine.comments import rows as comments
from moderation.spine.comments.fact_rows import Arrival

MOST_AHEAD = timedelta(minutes=5)
"""How far the clock of a site may be ahead of ours. A comment from further ahead would stay the newest of its list."""


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The rows that the database already has for a submission."""

    comment: Comment | None
    place: ArticlePlace | None = None
    author: Author | None = None
    parent: Comment | None = None
    per_minute: int | None = None  # comments that one reader may send
    modes: tuple[Mode, ...] = ()  # for breaking news, that hold here
    unread: str | None = None  # the text of the article, if a worker has to read it anew


def look_up(conn: Connection, site_id: str, ready: Submission, now: datetime) -> StoredRows:
    """Raises IdConflict, ArticleClosed, AuthorSilenced and InvalidInput. Every refusal happens here, before any
    write."""
    if ready.id is not None and (known := comments.find_digest(conn, site_id, ready.id)) is not None:
        if known != ready.digest():
            raise IdConflict(ready.id)
        return StoredRows(comments.get_comment(conn, site_id, ready.id))
    if ready.posted_at is not None and ready.posted_at > now + MOST_AHEAD:
        limit = f"{MOST_AHEAD.seconds // 60} minutes ahead of our clock ({now:%Y-%m-%dT%H:%M:%SZ})"
        raise InvalidInput(FieldProblem("posted_at", f"must not be more than {limit}"))
    described = tuple(_described(ready))
    around = surroundings(conn, site_id, ready.article_id, ready.author_id, described, now=now)
    if around.place is not None and around.place.state is ArticleState.CLOSED:
        raise ArticleClosed(ready.article_id)
    held = _modes(conn, site_id, ready, around.place, now) if around.has_modes else ()
    modes.refuse_closed(held, ready.article_id)
    if around.author is not None:
        author_measures.refuse_silenced(conn, around.author, now=now)
    parent = _parent(conn, site_id, ready, around.place)
    return StoredRows(None, around.place, around.author, parent, around.per_minute, held)


def with_unread(conn: Connection, stored: StoredRows, fit: Fitting) -> StoredRows:
    """The text is looked up only of an article that ``fit`` takes for unread."""
    place = stored.place
    if stored.comment is not None or place is None or not fit.reads(place.id, place.updated_at):
        return stored
    return replace(stored, unread=articles.text_of(conn, place.id)[0])


def keep(
    conn: Connection, site_id: str, ready: Submission, stored: StoredRows, *, lane: Lane, now: datetime
) -> Comment:
    article_id = _article_id(conn, site_id, ready, stored.place, now)
    author = _author(conn, site_id, ready, stored.author, now)
    cost = cost_in(ready, stored)
    reader_limits.check(conn, author, stored.per_minute, cost, now=now)
    modes.refuse_fast(conn, stored.modes, author, now=now)
    comment_id = new_id()
    comment = Comment(
        id=comment_id,
        site_id=site_id,
        external_id=ready.id or comment_id,
        article_id=article_id,
        author_id=author.id,
        parent_id=stored.parent.id if stored.parent else None,
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
    address = subscriber(ready.author_address) if ready.author_address else None
    digest = facts.address_digest(conn, site_id, address) if address else None
    arrival = Arrival(digest, ready.typed_s, ready.author_url)
    if arrival != facts.UNKNOWN:
        facts.insert_facts(conn, comment, arrival)
    return comment


def cost_in(ready: Submission, stored: StoredRows) -> int:
    """Of reading the comment, with all that has to be read beside it."""
    answered = stored.parent.text if stored.parent else None
    return cost_of(ready.text, parent=answered, article=_new_text(ready, stored.place) or stored.unread)


def _described(ready: Submission) -> dict[str, object]:
    return {name: value for name, value in ready.article if value is not None}


def _modes(
    conn: Connection, site_id: str, ready: Submission, place: ArticlePlace | None, now: datetime
) -> tuple[Mode, ...]:
    """Those in force for the article, as the submission describes it."""
    known = articles.article_by_id(conn, place.id) if place is not None else None
    section = _described(ready).get("section") or (known.section if known else None)
    named = str(section) if section else None
    return modes.in_force(conn, site_id, article_id=known.id if known else None, section=named, now=now)


def _new_text(ready: Submission, place: ArticlePlace | None) -> str | None:
    """The text of the article, if no worker can have read it yet."""
    text = _described(ready).get("text")
    is_new = isinstance(text, str) and (place is None or place.described["text"] != text)
    return str(text) if is_new else None


def _article_id(conn: Connection, site_id: str, ready: Submission, place: ArticlePlace | None, now: datetime) -> str:
    """Our id of the article, which is made when it is new, and which is then as the site describes it now."""
    said = _described(ready)
    if place is None:
        articles.insert_article(conn, site_id, ready.article_id, {**dict(ready.new_article), **said}, now=now)
        article = articles.get_article(conn, site_id, ready.article_id)
        if ready.new_article and article.title is None:
            untitled.insert(conn, article.id, site_id, now=now)
        return article.id
    changed = {name: value for name, value in said.items() if place.described[name] != value}
    if changed:
        articles.update_article(conn, place.id, changed, now=now)
    return place.id


def _parent(conn: Connection, site_id: str, ready: Submission, place: ArticlePlace | None) -> Comment | None:
    if ready.parent_id is None:
        return None
    parent = comments.find_comment(conn, site_id, ready.parent_id)
    if parent is None:
        raise InvalidInput(FieldProblem("parent_id", f"no comment has the id {ready.parent_id!r}"))
    if place is None or parent.article_id != place.id:
        raise InvalidInput(FieldProblem("parent_id", "is a comment on another article"))
    return parent


def _author(conn: Connection, site_id: str, ready: Submission, author: Author | None, now: datetime) -> Author:
    """The author as the site describes them now; made when they are new. A fact that was not sent stays as it was."""
    said: dict[str, Any] = {
        "name": ready.author_name,
        "registered_at": ready.author_registered_at,
        "email_domain": ready.author_email_domain,
    }
    said = {name: value for name, value in said.items() if value}
    if ready.author_is_staff is not None:
        said["is_staff"] = ready.author_is_staff
    if author is None:
        articles.insert_author(conn, site_id, ready.author_id, said, now=now)
        author = articles.find_author(conn, site_id, ready.author_id)
        assert author is not None
    changed: dict[str, Any] = {name: value for name, value in said.items() if getattr(author, name) != value}
    if changed:
        articles.update_author(conn, author.id, changed)
        author = replace(author, **changed)
    return author
