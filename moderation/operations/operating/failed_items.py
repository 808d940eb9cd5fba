"""Lists given-up items and retries them: comments that could not be scored, events that no webhook took."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.ground.monitoring import logs
from moderation.operations.operating import failed_item_rows as dead_letters
from moderation.operations.operating.failed_item_rows import DeadComment, DeadEvent
from moderation.pipeline.rescoring import rows as rescores
from moderation.pipeline.rescoring.rows import Cause, RescoreMark
from moderation.sites.audit import actors
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor
from moderation.sites.people.roles import Role, allow
from moderation.sites.rows import Moderator

MOST = 1_000


@dataclass(frozen=True, slots=True)
class DeadLetters:
    comments: tuple[DeadComment, ...]
    events: tuple[DeadEvent, ...]


@dataclass(frozen=True, slots=True)
class TriedAgain:
    comments: int  # will be scored again
    events: int  # will be sent again


def read(db: Database, *, limit: int = MOST, site_id: str | None = None) -> DeadLetters:
    """Newest first."""
    with db.read() as conn:
        return DeadLetters(
            tuple(dead_letters.dead_comments(conn, limit=limit, site_id=site_id)),
            tuple(dead_letters.dead_events(conn, limit=limit, site_id=site_id)),
        )


def last_failure(redis: Redis, comment_id: str) -> str | None:
    """The error of the last attempt to score the comment, while Redis keeps it. Raises RedisError."""
    try:
        job = Job.fetch(comment_id, connection=redis, serializer=JSONSerializer)
    except NoSuchJobError:
        return None
    result = job.latest_result()
    return result.exc_string if result else None


def error_line(failure: str) -> str:
    """The first line of the error itself, which follows the stack in a traceback."""
    lines = failure.strip().splitlines()
    after = max((n for n, line in enumerate(lines, start=1) if line.startswith((" ", "Traceback"))), default=0)
    return logs.clean(lines[min(after, len(lines) - 1)]) if lines else ""


def try_again(db: Database, by: Actor, letters: DeadLetters, *, now: datetime) -> TriedAgain:
    """Scores the comments once more, after which the policy decides as usual, and sends the events anew.

    A comment that a person decided meanwhile is left out. The audit trail has an entry for each comment and event.
    """
    comments, events = {c.id: c for c in letters.comments}, {e.id: e for e in letters.events}
    with db.write() as conn:
        scored, run_id = dead_letters.still_dead(conn, list(comments)), rescores.new_run_id()
        rescores.insert_marks(conn, [RescoreMark(c, run_id, Cause.OUTAGE, now, releases=True) for c in scored])
        sent = dead_letters.send_again(conn, list(events), now=now)
        for comment in (comments[id] for id in scored):
            said: dict[str, object] = {"kind": "comment", "id": comment.id}
            _note(conn, by, comment.site_id, comment.external_id, said, now)
        for event in (events[id] for id in sent):
            said = {"kind": "event", "id": event.id, "type": event.type, "attempts": event.attempts}
            subject = event.comment_external_id or event.author_external_id
            _note(conn, by, event.site_id, subject, said, now)
    return TriedAgain(len(scored), len(sent))


def try_again_at_desk(
    db: Database, admin: Moderator, site_id: str, *, now: datetime, only: str | None = None
) -> TriedAgain:
    """Everything that was given up on the site, or ``only`` the comment or event with this id.

    Raises NotAllowed, and NotFound if the item is no longer given up.
    """
    allow(admin, site_id, Role.ADMIN)
    dead = chosen(read(db, site_id=site_id), None if only is None else {only})
    if only is not None and not dead.comments and not dead.events:
        raise NotFound("dead letter", only)
    return try_again(db, actors.person(admin), dead, now=now)


def chosen(dead: DeadLetters, ids: Collection[str] | None) -> DeadLetters:
    """The items with the ids; all of them where ``ids`` is None."""
    if ids is None:
        return dead
    return DeadLetters(tuple(c for c in dead.comments if c.id in ids), tuple(e for e in dead.events if e.id in ids))


def _note(
    conn: Connection, by: Actor, site_id: str, subject: str | None, given_up: dict[str, object], now: datetime
) -> None:
    action = "dead_letter.tried_again"
    audit_writing.note(conn, by, action, site_id=site_id, subject=subject, before=given_up, now=now)
