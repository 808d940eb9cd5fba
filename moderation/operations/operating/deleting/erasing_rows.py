"""Takes out of the tables what a reader wrote and what is known about them. Rows that others need stay without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.values.signals import Of
from moderation.insight.learning.tables import vectors
from moderation.law.appeals import rows as appeals
from moderation.law.measure_appeals import rows as measure_appeals
from moderation.law.notices import rows as notices
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.campaigns import change_rows as campaign_changes
from moderation.moderators.queue.tables import questions
from moderation.pipeline.rescoring.tables import rescores
from moderation.sites.audit.tables import audit
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import (
    comment_edits,
    comment_facts,
    comments,
    decisions,
    fingerprint_bands,
    reports,
    scorings,
)
from moderation.spine.events.tables import events
from moderation.spine.second_readings import rows as second_readings

ERASED_DIGEST = ""  # no body has it: the id of an erased comment stays taken
MARKED = "author.marked"  # the audit trail's word for a mark on a reader

Form = Mapping[str, Any]


def forget_author(conn: Connection, author_id: str) -> None:
    """Their name, the site's facts about them and the marks on them. Their id at the site stays: decisions and events
    name it."""
    values: dict[str, Any] = {"name": None, "standing": "normal", "standing_reason": None, "standing_until": None}
    values |= {"registered_at": None, "email_domain": None, "is_staff": False}
    conn.execute(authors.update().where(authors.c.id == author_id).values(**values))
    measure_appeals.forget(conn, author_id)
    author_measures.forget(conn, author_id)
    for row in conn.execute(sa.select(events.c.id, events.c.payload).where(events.c.author_id == author_id)).all():
        conn.execute(events.update().where(events.c.id == row.id).values(payload=_without_words(row.payload)))


def forget_marks(conn: Connection, site_id: str, external_id: str, name: str | None) -> None:
    """Why somebody marked the reader, in the audit trail. Earlier versions named readers there by their name."""
    called = [external_id] if name is None else [external_id, name]
    mine = sa.and_(audit.c.site_id == site_id, audit.c.action == MARKED, audit.c.subject.in_(called))
    for row in conn.execute(sa.select(audit.c.id, audit.c.subject, audit.c.before, audit.c.after).where(mine)).all():
        kept = {"before": _without_reason(row.before), "after": _without_reason(row.after)}
        subject = external_id if row.subject == external_id else None
        conn.execute(audit.update().where(audit.c.id == row.id).values(subject=subject, **kept))


def forget_reports_by(conn: Connection, comment_ids: Sequence[str], reporter_id: str) -> int:
    """They go on counting, as somebody's."""
    for comment_id in comment_ids:
        mine = sa.and_(reports.c.comment_id == comment_id, reports.c.reporter_id == reporter_id)
        conn.execute(reports.update().where(mine).values(reporter_id=f"erased {new_id()}", note=None))
    return len(comment_ids)


def forget_texts(conn: Connection, comment_ids: Sequence[str]) -> None:
    """The comments' texts, earlier texts, fingerprints, vectors, facts, reports and quotes, and those in the replies'
    scores."""
    ids = list(comment_ids)
    campaign_changes.leave(conn, ids)
    for table in (comment_edits, comment_facts, reports, fingerprint_bands, rescores, vectors):
        conn.execute(table.delete().where(table.c.comment_id.in_(ids)))
    gone = {"text": "", "body_digest": ERASED_DIGEST, "request_id": None, "reports": 0}
    conn.execute(comments.update().where(comments.c.id.in_(ids)).values(**gone))
    conn.execute(decisions.update().where(decisions.c.comment_id.in_(ids)).values(note=None))
    notices.forget_words(conn, ids)
    appeals.forget_words(conn, ids)
    second_readings.forget_words(conn, ids)
    forget_questions(conn, ids)
    forget_quotes(conn, ids)


def forget_questions(conn: Connection, comment_ids: Sequence[str]) -> None:
    """Moderators' words about the comments, which may quote them."""
    conn.execute(questions.update().where(questions.c.comment_id.in_(comment_ids)).values(text="", answer=None))


def forget_quotes(conn: Connection, comment_ids: Sequence[str]) -> None:
    """Of the comments, in their own scores, decisions and events, and in those of their replies."""
    _clean(conn, comment_ids, lambda _span: False)
    replies = conn.execute(sa.select(comments.c.id).where(comments.c.parent_id.in_(comment_ids))).scalars().all()
    _clean(conn, replies, lambda span: span["of"] != Of.PARENT)


def _clean(conn: Connection, comment_ids: Sequence[str], stays: Callable[[Form], bool]) -> None:
    """Takes evidence out of scores, decisions and events."""
    for table, column, clean in _EVIDENCE:
        held = conn.execute(sa.select(table.c.id, column).where(table.c.comment_id.in_(comment_ids))).all()
        changed = [(row.id, new) for row in held if (new := clean(row[1], stays)) != row[1]]
        for row_id, new in changed:
            conn.execute(table.update().where(table.c.id == row_id).values({column: new}))


def _lines(forms: Sequence[Form], stays: Callable[[Form], bool]) -> list[Form]:
    return [_line(form, stays) for form in forms]


def _line(form: Form, stays: Callable[[Form], bool]) -> Form:
    """The line of a signal or a reason. A reason on several signals has evidence in each of its parts, and an older
    signal may have words of the comment in ``left_out``."""
    form = {name: value for name, value in form.items() if name != "left_out"}
    parts = {"parts": _lines(form["parts"], stays)} if "parts" in form else {}
    return {**form, "evidence": [span for span in form["evidence"] if stays(span)], **parts}


def _payload(payload: Form, stays: Callable[[Form], bool]) -> Form:
    decision = payload.get("decision")
    if not decision:
        return payload
    return {**payload, "decision": {**decision, "reasons": _lines(decision["reasons"], stays)}}


_EVIDENCE: tuple[tuple[sa.Table, sa.Column[Any], Callable[[Any, Callable[[Form], bool]], Any]], ...] = (
    (scorings, scorings.c.signals, _lines),
    (decisions, decisions.c.reasons, _lines),
    (events, events.c.payload, _payload),
)


def _without_words(payload: Form) -> Form:
    """Of an event about an author: what was done stays, what was said to them goes."""
    measure = payload.get("measure")
    return {**payload, "message": None, "measure": measure and {**measure, "reason": None}}


def _without_reason(said: Form | None) -> Any:
    return sa.null() if said is None else {**said, "reason": None}
