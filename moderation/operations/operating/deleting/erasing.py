"""Erases one reader: texts, name, marks and reports go, and what was decided stays without them.

Decisions, versions and numbers stay, so that the history of a site's moderation still adds up. A reader's comments are
withdrawn on the way, so that a site which listens takes them offline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.database.paging import pages, rounds
from moderation.ground.values.statuses import CommentStatus
from moderation.law.notices import rows as notices
from moderation.law.notices import suspension_rows as suspensions
from moderation.moderators.authors import data_rows as author_data
from moderation.moderators.finding import list_rows as lists
from moderation.moderators.finding.list_rows import CommentsWanted, ListOrder
from moderation.operations.operating.deleting import erasing_rows as erasing
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor
from moderation.sites.rules import writing as rule_book
from moderation.spine.articles import rows as articles
from moderation.spine.comments import door
from moderation.spine.comments import rows as comments
from moderation.spine.comments.rows import Listed

PAGE = 50  # comments a transaction: between two, other writers get their turn


@dataclass(frozen=True, slots=True)
class Erased:
    comments: int
    reports: int  # that the reader made


def erase(db: Database, site_id: str, external_id: str, *, by: Actor, now: datetime) -> Erased:
    """Page by page. After a failure the same again does the rest; a reader whom nobody knows is no error."""
    author_id = _forget_author(db, site_id, external_id, by, now)
    reports = _forget_reports(db, site_id, external_id)
    return Erased(_forget_comments(db, site_id, author_id, now) if author_id else 0, reports)


def _forget_author(db: Database, site_id: str, external_id: str, by: Actor, now: datetime) -> str | None:
    with db.write() as conn:
        author = articles.find_author(conn, site_id, external_id)
        reported = author_data.reports_by(conn, site_id, external_id, after=None, limit=1)
        noticed = notices.forget_reader(conn, site_id, external_id)
        suspended = suspensions.forget_reader(conn, site_id, external_id)
        if author is None and not reported and not noticed and not suspended:
            return None
        audit_writing.note(conn, by, "author.erased", site_id=site_id, subject=external_id, now=now)
        if author is None:
            return None
        erasing.forget_author(conn, author.id)
        erasing.forget_marks(conn, site_id, external_id, author.name)
        return author.id


def _forget_reports(db: Database, site_id: str, external_id: str) -> int:
    def forget(conn: Connection) -> int:
        reports = author_data.reports_by(conn, site_id, external_id, after=None, limit=PAGE)
        return erasing.forget_reports_by(conn, [report.comment_id for report in reports], external_id)

    return sum(rounds(db, forget, size=PAGE))


def _forget_comments(db: Database, site_id: str, author_id: str, now: datetime) -> int:
    wanted = CommentsWanted(site_id, author_id=author_id)
    gone = 0

    def read(conn: Connection, after: str | None) -> list[Listed]:
        return lists.page(conn, wanted, ListOrder.OLDEST, after=after, limit=PAGE)

    for page in pages(db, read, lambda listed: lists.cursor_of(listed, ListOrder.OLDEST), size=PAGE):
        _forget_page(db, [listed.comment.id for listed in page], now)
        gone += len(page)
    return gone


def _forget_page(db: Database, comment_ids: list[str], now: datetime) -> None:
    with db.write() as conn:
        held = comments.lock_all(conn, comment_ids)
        door.withdrawn_together(conn, [c for c in held if c.status is not CommentStatus.WITHDRAWN], now=now)
        erasing.forget_texts(conn, [comment.id for comment in held])
        rule_book.forget_comments(conn, [comment.id for comment in held], now=now)
