"""The rights of a reader whom their site has signed: they may answer what is public, change their own comments for a
while, take them back, and report others'. A reader learns of nothing that other readers do not see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import AuthorSilenced, EditTimeOver, FieldProblem, InvalidInput, Message, NotFound
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.law.modes import acting as modes
from moderation.law.notices import giving as notices
from moderation.law.notices import rows as notice_rows
from moderation.law.notices.giving import Given
from moderation.law.notices.values import NewNotice
from moderation.moderators.authors import taking_measures as author_measures
from moderation.pipeline.arriving import page_articles
from moderation.pipeline.arriving.page_articles import CommentedPage
from moderation.pipeline.arriving.submission import Submission
from moderation.readers.reports import reporting as reports
from moderation.readers.reports import rows as report_rows
from moderation.readers.reports.reporting import Report
from moderation.sites import rows as sites
from moderation.sites.audit.actors import SYSTEM
from moderation.spine.articles import rows as articles
from moderation.spine.comments import rows as comments
from moderation.spine.comments.rows import Listed


@dataclass(frozen=True, slots=True)
class MayComment:
    """Whether a reader may comment now; if not, until when, and the message for them."""

    may: bool
    until: datetime | None = None  # None of a ban: until somebody ends it
    message: Message = None
    statement_path: str | None = None  # of the measure, while the author can appeal


def may_comment(db: Database, site_id: str, reader_id: str, *, now: datetime) -> MayComment:
    """A reader whom Gavel does not know yet may."""
    try:
        with db.read() as conn:
            _refuse_silenced(conn, site_id, reader_id, now)
    except AuthorSilenced as e:
        return MayComment(False, e.until, e.message, e.statement_path)
    return MayComment(True)


def checked(db: Database, site_id: str, wish: Submission, page: CommentedPage | None, *, now: datetime) -> Submission:
    """The comment as it may be stored: the first one of an article with what its page says. Raises NotFound for an
    article that is not known and has no page, and InvalidInput for a reply to anything but a published comment."""
    with db.read() as conn:
        article = articles.find_article(conn, site_id, wish.article_id)
        parent = comments.find_comment(conn, site_id, wish.parent_id) if wish.parent_id is not None else None
        is_seen = parent is not None and article is not None and parent.article_id == article.id
        new = () if article else page_articles.described(conn, site_id, wish.article_id, page, now=now)
    if wish.parent_id is not None and not (is_seen and parent is not None and _is_published(parent)):
        raise InvalidInput(FieldProblem("parent_id", "is no published comment on this article"))
    return replace(wish, new_article=new)


def check_edit(db: Database, site_id: str, reader_id: str, external_id: str, *, now: datetime) -> None:
    """Raises NotFound for a comment that is not the reader's own, AuthorSilenced, EditTimeOver, and ArticleClosed where
    the reader could not post a new one either."""
    with db.read() as conn:
        listed = own(conn, site_id, reader_id, external_id)
        _refuse_silenced(conn, site_id, reader_id, now)
        minutes = sites.get_site(conn, site_id).settings.reader_edit_minutes
        if editable_until(listed, minutes, now=now) is None:
            raise EditTimeOver(external_id, minutes)
        modes.refuse_new_words(conn, listed.comment, now=now)


def editable_until(listed: Listed, minutes: int, *, now: datetime) -> datetime | None:
    """When the time for edits ends; None once it is over, and of a comment that was withdrawn."""
    ends = listed.comment.received_at + timedelta(minutes=minutes)
    return ends if now < ends and listed.comment.status is not CommentStatus.WITHDRAWN else None


def own(conn: Connection, site_id: str, reader_id: str, external_id: str) -> Listed:
    """The reader's comment. Raises NotFound for anybody else's, as if there were none."""
    listed = comments.get_listed(conn, site_id, external_id)
    if listed.author_external_id != reader_id:
        raise NotFound("comment", external_id)
    return listed


def report(db: Database, site_id: str, external_id: str, report: Report, *, now: datetime) -> bool:
    """Counts a report once; False if this reader had reported the comment before.

    Raises AuthorSilenced, InvalidInput for the reader's own comment, and NotFound for one that readers do not see.
    """
    with db.read() as conn:
        _refuse_silenced(conn, site_id, report.reporter_id, now)
        listed = comments.get_listed(conn, site_id, external_id)
        if report_rows.has_reported(conn, listed.comment.id, report.reporter_id):
            return False
    if not _is_published(listed.comment):
        raise NotFound("comment", external_id)
    if listed.author_external_id == report.reporter_id:
        raise InvalidInput(FieldProblem("comment_id", "is the reader's own comment"))
    return reports.report(db, site_id, external_id, report, now=now).is_new


def give_notice(db: Database, site_id: str, report: Report, new: NewNotice, *, now: datetime) -> tuple[bool, Given]:
    """Counts a report once and keeps its notice that the comment is illegal. Readers who may not comment may give one.
    Returns whether the report is new.

    Raises as ``report`` does, NotifierSuspended and TooManyNotices.
    """
    with db.write() as conn:
        listed = comments.get_listed(conn, site_id, new.comment_id)
        again = notice_rows.by_reader(conn, listed.comment.id, report.reporter_id)
        if again is None and not _is_published(listed.comment):
            raise NotFound("comment", new.comment_id)
        if listed.author_external_id == report.reporter_id:
            raise InvalidInput(FieldProblem("comment_id", "is the reader's own comment"))
        counted = again is None and reports.report_in(conn, site_id, new.comment_id, report, now=now).is_new
        return counted, notices.give_in(conn, site_id, new, by=SYSTEM, now=now)


def _refuse_silenced(conn: Connection, site_id: str, reader_id: str, now: datetime) -> None:
    if (author := articles.find_author(conn, site_id, reader_id)) is not None:
        author_measures.refuse_silenced(conn, author, now=now)


def _is_published(comment: Comment) -> bool:
    return comment.status is CommentStatus.PUBLISHED
