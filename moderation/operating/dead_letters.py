"""Lists given-up items and retries them: comments that could not be scored, events that no webhook took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.engine import Connection

from moderation.errors import NotFound
from moderation.monitoring import logs
from moderation.people.roles import Role, allow
from moderation.store import audit, dead_letters, rescores
from moderation.store.database import Database
from moderation.store.dead_letters import DeadComment, DeadEvent
from moderation.store.rescores import Cause, Mark
from moderation.store.sites import Moderator

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


def score_again(db: Database, comment_ids: Sequence[str], *, now: datetime) -> int:
    """Marks comments to be scored once more; then the policy decides them as if nothing had happened.

    Returns how many were given up and still wait for a person. A person's decision meanwhile is kept.
    """
    with db.write() as conn:
        return len(_score_again(conn, comment_ids, now))


def send_again(db: Database, event_ids: Sequence[str], *, now: datetime) -> int:
    with db.write() as conn:
        return dead_letters.send_again(conn, event_ids, now=now)


def try_again(db: Database, admin: Moderator, site_id: str, *, now: datetime, only: str | None = None) -> TriedAgain:
    """Retries the site's given-up items, or ``only`` the comment or event with this id; each is in the audit log.

    Raises NotAllowed, and NotFound if the item is no longer given up.
    """
    allow(admin, site_id, Role.ADMIN)
    found = read(db, site_id=site_id)
    comments = {c.id: c for c in found.comments if only in (None, c.id)}
    events = {e.id: e for e in found.events if only in (None, e.id)}
    if only is not None and not comments and not events:
        raise NotFound("dead letter", only)
    with db.write() as conn:
        scored = _score_again(conn, list(comments), now)
        sent = dead_letters.send_again(conn, list(events), now=now)
        for comment_id in scored:
            _note(conn, admin, site_id, comments[comment_id].external_id, {"kind": "comment", "id": comment_id}, now)
        for event in events.values():
            told = {"kind": "event", "id": event.id, "type": event.type, "attempts": event.attempts}
            _note(conn, admin, site_id, event.comment_external_id, told, now)
    return TriedAgain(len(scored), sent)


def _score_again(conn: Connection, comment_ids: Sequence[str], now: datetime) -> list[str]:
    dead, run_id = dead_letters.still_dead(conn, comment_ids), rescores.new_run_id()
    rescores.insert_marks(conn, [Mark(c, run_id, Cause.OUTAGE, now, releases=True) for c in dead])
    return dead


def _note(
    conn: Connection, admin: Moderator, site_id: str, subject: str, given_up: dict[str, object], now: datetime
) -> None:
    audit.note(conn, "dead_letter.tried_again", by=admin.id, site_id=site_id, subject=subject, before=given_up, now=now)
