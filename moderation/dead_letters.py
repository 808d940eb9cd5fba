"""Looks at what was given up, and tries it again: comments that could not be scored, events that no webhook took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from moderation.store import dead_letters, rescores
from moderation.store.database import Database
from moderation.store.dead_letters import DeadComment, DeadEvent
from moderation.store.rescores import Cause, Mark

MOST = 1_000


@dataclass(frozen=True, slots=True)
class DeadLetters:
    comments: tuple[DeadComment, ...]
    events: tuple[DeadEvent, ...]


def read(db: Database, *, limit: int = MOST) -> DeadLetters:
    """Newest first."""
    with db.read() as conn:
        return DeadLetters(
            tuple(dead_letters.dead_comments(conn, limit=limit)), tuple(dead_letters.dead_events(conn, limit=limit))
        )


def last_failure(redis: Redis, comment_id: str) -> str | None:
    """What the last attempt to score the comment died of, as long as Redis keeps it. Raises RedisError."""
    try:
        job = Job.fetch(comment_id, connection=redis, serializer=JSONSerializer)
    except NoSuchJobError:
        return None
    result = job.latest_result()
    return result.exc_string if result else None


def score_again(db: Database, comment_ids: Sequence[str], *, now: datetime) -> int:
    """Marks comments to be scored once more: then the policy decides them, as if nothing had happened.

    Returns how many were dead and still wait for a person. A person's decision meanwhile stands.
    """
    dead = {comment.id for comment in read(db).comments}
    run_id = rescores.new_run_id()
    wanted = [Mark(c, run_id, Cause.OUTAGE, now, releases=True) for c in comment_ids if c in dead]
    with db.write() as conn:
        rescores.insert_marks(conn, wanted)
    return len(wanted)


def send_again(db: Database, event_ids: Sequence[str], *, now: datetime) -> int:
    with db.write() as conn:
        return dead_letters.send_again(conn, event_ids, now=now)
