"""Looks up what the database knows of a text that was read: domains, shared contacts, near copies, campaigns. The text
is read before, and its excuse is found after, so no transaction is open while anybody reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.signals.authors.author_disposable import disposable_domain
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text.contacts.shared_marks import shared_marks
from moderation.judging.text.innocent import innocence
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from moderation.moderators.campaigns.near_copy_rows import with_near_copies
from moderation.spine.domains import rows as domains

WELL_KNOWN_FROM = 5  # published comments: of a domain that more link to, many readers have heard
NEWCOMER_BELOW = 3  # published comments: the limit of the ready rules for newcomers


def unlimited() -> Budget:
    return UNLIMITED


def looked_up(
    db: Database, loaded: Sequence[CommentToScore], *, now: datetime, budget: Callable[[], Budget] = unlimited
) -> list[CommentToScore]:
    """The comments in order of arrival, read, with all that the database knows of their texts. Each has a ``budget``
    of its own, which this does not use up."""
    if not loaded:
        return []
    read = [read_for(scored, budget()) for scored in loaded]
    with db.read() as conn:
        known = known_of(conn, read, now=now)
    return [excused(scored) for scored in known]


def read_for(loaded: CommentToScore, budget: Budget = UNLIMITED) -> CommentToScore:
    """Reads all of the text by which the database is asked."""
    reading = loaded.reading.within(budget)
    reading.make_keys()
    return replace(loaded, reading=reading)


def known_of(conn: Connection, read: Sequence[CommentToScore], *, now: datetime) -> list[CommentToScore]:
    """In order of arrival, each with what it repeats of stored comments and of earlier ones among these."""
    return with_near_copies(conn, [_with_domains(conn, scored) for scored in read], now=now)


def excused(scored: CommentToScore) -> CommentToScore:
    """With the reason why many readers write the same in good faith. It is looked for in copies only: to read an
    article for each comment would take too long."""
    alike, article = scored.alike, scored.article
    if not alike.may_be_innocent:
        return scored
    sources = (article.title, article.summary, article.text, scored.parent_text)
    with scored.reading.budget:
        innocent = innocence(scored.reading, sources)
    return replace(scored, alike=replace(alike, innocent=innocent))


def _with_domains(conn: Connection, scored: CommentToScore) -> CommentToScore:
    """Its own count, if it is online, does not make a domain known. Its marks are those of contacts, little-known
    domains, and an author's provider of disposable mail."""
    comment, article, author, reading = scored.comment, scored.article, scored.author, scored.reading
    own = int(comment.status is CommentStatus.PUBLISHED)
    marks = shared_marks(
        reading.contacts_written,
        reading.domains,
        well_known=domains.known_domains(conn, comment.site_id, reading.domains, beside=WELL_KNOWN_FROM),
        sources=(article.title, article.summary, article.text),
        account=disposable_domain(author) if author.published < NEWCOMER_BELOW else None,
    )
    known = domains.known_domains(conn, comment.site_id, reading.domains, beside=own)
    return replace(scored, known_domains=known, marks=marks)
