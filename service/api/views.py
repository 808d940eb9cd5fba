"""The core's values as answers of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Response
from pydantic import BaseModel
from sqlalchemy.engine import Connection

from moderation.ground.values import json_form
from moderation.ground.values.articles import Article
from moderation.ground.values.authors import Author
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.measures import Standing
from moderation.ground.values.statuses import CommentStatus
from moderation.ground.wording.sentences import Sentences
from moderation.law.appeals import wording as appeal_wording
from moderation.law.appeals.values import Appeal, CommentAppeal, MeasureAppeal
from moderation.law.modes import acting as modes
from moderation.law.statements import measure_statements
from moderation.law.statements.measure_facts import RESTRICTION_OF
from moderation.moderators.authors import data_rows as author_data
from moderation.moderators.authors.data_rows import Record
from moderation.moderators.authors.events import taken_by
from moderation.moderators.authors.measure_rows import Message, TakenMeasure
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import scoring_rows as scoring
from moderation.spine.comments.rows import Listed
from service.api.schemas import (
    article_schemas,
    author_schemas,
    comment_schemas,
    decision_schemas,
    measure_schemas,
    signal_schemas,
    statement_schemas,
    submission_schemas,
)


def reply(
    body: BaseModel, status: int = 200, headers: dict[str, str] | None = None, *, exclude_none: bool = False
) -> Response:
    """The body as JSON. ``exclude_none`` leaves empty fields out."""
    text = body.model_dump_json(exclude_none=exclude_none)
    return Response(text, status=status, mimetype="application/json", headers=headers)


def links(comment: Comment, article_id: str) -> submission_schemas.Links:
    """The addresses of the comment and of its article's comments. ``article_id`` is the site's own."""
    article = f"/v1/articles/{quote(article_id, safe='')}/comments"
    return submission_schemas.Links(self=comment_path(comment.external_id), article=article)


def comment_path(external_id: str) -> str:
    """The comment's address, by the site's own id."""
    return f"/v1/comments/{quote(external_id, safe='')}"


def accepted(comment: Comment, article_id: str) -> submission_schemas.Accepted:
    """A comment that is stored and waits. ``article_id`` is the site's own."""
    return submission_schemas.Accepted(
        id=comment.external_id,
        article_id=article_id,
        status=comment.status,
        version=comment.version,
        links=links(comment, article_id),
    )


def listed_comment(listed: Listed) -> comment_schemas.ListedComment:
    """Without signals and decision, which lists leave out."""
    return comment_schemas.ListedComment(**_fields(listed))


def full_comment(conn: Connection, listed: Listed, reports: int) -> comment_schemas.Comment:
    """While a comment waits, it has no signals and no decision: the latest ones are about its previous text."""
    comment = listed.comment
    waits = comment.status is CommentStatus.WAITING
    scored = None if waits else scoring.latest_scoring(conn, comment.id)
    latest = None if waits else decisions.latest_decision(conn, comment.id)
    return comment_schemas.Comment(
        **_fields(listed),
        signals=[signal_schemas.Signal(**json_form.signal_to_json(s)) for s in scored.signals] if scored else [],
        models=dict(scored.models) if scored else {},
        reports=reports,
        decision=decision(latest) if latest else None,
    )


def decision(decided: Decision) -> decision_schemas.Decision:
    """A decision in the API's form."""
    return decision_schemas.Decision(
        id=decided.id,
        action=decided.action,
        status_before=decided.status_before,
        status_after=decided.status_after,
        by=decided.decided_by,
        policy_version=decided.policy_version,
        reason=decided.reason,
        category=decided.reason,
        note=decided.note,
        undoes=decided.undoes,
        featured=decided.featured,
        reasons=[signal_schemas.Reason(**reason) for reason in decided.reasons],
        created_at=decided.created_at,
    )


def appeal(filed: Appeal, comment_external_id: str | None, words: Sentences) -> statement_schemas.Appeal:
    """An appeal in the API's form, with the site's words in its language."""
    return statement_schemas.Appeal(
        id=filed.id,
        decision_id=filed.decision_id if isinstance(filed, CommentAppeal) else None,
        measure_id=filed.measure_id if isinstance(filed, MeasureAppeal) else None,
        comment_id=comment_external_id,
        source=filed.source,
        state=filed.state,
        reason=filed.reason,
        answer=filed.answer,
        created_at=filed.created_at,
        decided_at=filed.decided_at,
        message=measure_schemas.AuthorMessage(language=filed.language, text=appeal_wording.said(filed, words)),
    )


def author_record(record: Record, now: datetime) -> author_schemas.Record:
    author = record.author
    is_marked = author.standing_at(now) is not Standing.NORMAL
    return author_schemas.Record(
        id=author.external_id,
        name=author.name,
        first_seen_at=record.created_at,
        created_at=author.registered_at,
        email_domain=author.email_domain,
        published=author.published,
        rejected=author.rejected,
        may_comment=not author.is_silenced(now),
        mark=author_schemas.Mark(
            standing=author.standing_at(now),
            reason=record.standing_reason if is_marked else None,
            until=author.standing_until if is_marked else None,
            message=_message(record.measure.message) if is_marked and record.measure else None,
        ),
    )


def author_state(author: Author, now: datetime) -> measure_schemas.AuthorState:
    """The author's mark, if it holds now."""
    standing = author.standing_at(now)
    return measure_schemas.AuthorState(
        id=author.external_id,
        standing=standing,
        until=None if standing is Standing.NORMAL else author.standing_until,
        may_comment=not author.is_silenced(now),
    )


def measure(conn: Connection, taken: TakenMeasure) -> measure_schemas.TakenMeasure:
    """A measure about an author."""
    return measure_schemas.TakenMeasure(
        id=taken.id,
        measure=taken.measure,
        by=taken_by(taken),
        reason=taken.reason,
        rejection_reason=taken.rejection_reason,
        category=taken.rejection_reason,
        comment_id=author_data.comment_external_id(conn, taken.about_id) if taken.about_id else None,
        until=taken.until,
        undone=taken.undone_at is not None,
        statement=_statement(conn, taken),
        note=taken.note,
        message=_message(taken.message),
        created_at=taken.created_at,
        undone_at=taken.undone_at,
    )


def _statement(conn: Connection, taken: TakenMeasure) -> measure_schemas.AccountStatement | None:
    """As the event of the measure announced it, or else with its ground as it is now: made by the site's secret, which
    ``announcing.ensure_secret`` provides."""
    if taken.measure not in RESTRICTION_OF:
        return None
    said = measure_statements.field(conn, taken.site_id, taken.id)
    return measure_schemas.AccountStatement.model_validate(said)


def _message(said: Message | None) -> measure_schemas.AuthorMessage | None:
    return measure_schemas.AuthorMessage(language=said.language, text=said.text) if said else None


def article(conn: Connection, known: Article, now: datetime) -> article_schemas.Article:
    """An article in the API's form, under the site's own id."""
    mode = modes.mode_of(conn, known.site_id, known, now=now)
    return article_schemas.Article(
        id=known.external_id,
        title=known.title,
        url=known.url,
        summary=known.summary,
        text=known.text,
        section=known.section,
        tags=list(known.tags),
        language=known.language,
        question=known.question,
        state=known.state,
        mode=article_schemas.ArticleMode(name=mode.name, until=mode.ends_at) if mode else None,
    )


def _fields(listed: Listed) -> dict[str, Any]:
    comment = listed.comment
    return {
        "id": comment.external_id,
        "article_id": listed.article_external_id,
        "author": comment_schemas.Author(id=listed.author_external_id, name=listed.author_name),
        "parent_id": listed.parent_external_id,
        "parent_published": _is_published(listed.parent_status),
        "replies": listed.replies,
        "text": comment.text,
        "language": comment.language,
        "status": comment.status,
        "featured": comment.is_featured,
        "version": comment.version,
        "posted_at": comment.posted_at,
        "received_at": comment.received_at,
        "updated_at": comment.updated_at,
        "links": links(comment, listed.article_external_id),
    }


def _is_published(status: CommentStatus | None) -> bool | None:
    return None if status is None else status is CommentStatus.PUBLISHED
