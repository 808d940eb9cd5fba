"""Events about appeals. They hold the outcome and the message for the author, and never the author's own words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.values.events import Event
from moderation.ground.wording.sentences import Sentences
from moderation.law.appeals import rows as store
from moderation.law.appeals import wording
from moderation.law.appeals.values import Appeal, CommentAppeal, MeasureAppeal
from moderation.law.statements import announcing, building, links, measure_rows, measure_statements
from moderation.law.statements import rows as statements
from moderation.sites import own_texts
from moderation.spine.comments.envelope import EventType
from moderation.spine.events import rows as events


def announce_received(conn: Connection, appeal: Appeal) -> None:
    said = wording.received(appeal, _words(conn, appeal))
    _announce(conn, appeal, EventType.APPEAL_RECEIVED, said, appeal.created_at)


def announce_decided(conn: Connection, appeal: Appeal, *, due_at: datetime) -> None:
    """The appeal as it is decided now."""
    said = wording.decided(appeal, _words(conn, appeal))
    _announce(conn, appeal, EventType.APPEAL_DECIDED, said, due_at)


def _words(conn: Connection, appeal: Appeal) -> Sentences:
    return own_texts.spoken(conn, appeal.site_id, appeal.language)


def _announce(conn: Connection, appeal: Appeal, kind: EventType, message: str, due_at: datetime) -> None:
    payload: dict[str, Any] = {
        "appeal": {
            "id": appeal.id,
            **_subject(conn, appeal),
            "source": appeal.source.value,
            "state": appeal.state.value,
            "reason": appeal.reason.value if appeal.reason else None,
            "created_at": appeal.created_at.isoformat(),
            "decided_at": appeal.decided_at.isoformat() if appeal.decided_at else None,
        },
        "message": {"language": appeal.language, "text": message},
    }
    at = appeal.decided_at or appeal.created_at
    comment_id = appeal.comment_id if isinstance(appeal, CommentAppeal) else None
    author_id = None if comment_id else appeal.author_id
    event = Event(new_id(), appeal.site_id, None, kind, comment_id, payload, at, due_at, author_id=author_id)
    events.insert_events(conn, [event])


def _subject(conn: Connection, appeal: Appeal) -> dict[str, str | None]:
    """Of what the appeal is about: the site's own ids, and the page of its statement, as its event had it."""
    if isinstance(appeal, CommentAppeal):
        return {"decision_id": appeal.decision_id, "measure_id": None, **_comment(conn, appeal)}
    assert isinstance(appeal, MeasureAppeal)
    about = measure_rows.get(conn, appeal.site_id, appeal.measure_id)
    return {
        "decision_id": None,
        "measure_id": appeal.measure_id,
        "comment_id": None,
        "article_id": None,
        "author_id": about.author_external_id,
        "path": str(measure_statements.field(conn, appeal.site_id, appeal.measure_id)["path"]),
    }


def _comment(conn: Connection, appeal: CommentAppeal) -> dict[str, str | None]:
    about = store.appealed(conn, appeal.decision_id)
    return {
        "comment_id": about.comment_external_id,
        "article_id": about.article_external_id,
        "author_id": about.author_external_id,
        "path": _path(conn, appeal),
    }


def _path(conn: Connection, appeal: CommentAppeal) -> str:
    about = statements.get_decided(conn, appeal.site_id, appeal.decision_id)
    if about.announced is not None:
        return str(about.announced["path"])
    settings, secret = statements.terms_of(conn, appeal.site_id)
    until = building.object_until(settings, about.step.created_at)
    return links.path(secret or announcing.secret(conn, appeal.site_id), appeal.decision_id, until)
