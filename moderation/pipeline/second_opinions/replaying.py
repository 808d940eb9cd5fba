"""Tries a second reader on comments that people have decided, in the turns in which it reads all else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.insight.trials import rows as trials
from moderation.moderators.finding import list_rows as lists
from moderation.moderators.finding.list_rows import CommentsWanted, ListOrder
from moderation.pipeline.second_opinions import figures
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note
from moderation.sites.rules import rows as rule_books
from moderation.sites.second_readers import rows as readers
from moderation.spine.comments import rows as comments
from moderation.spine.second_readings import replay_rows as store
from moderation.spine.second_readings import rows as readings
from moderation.spine.second_readings.replay_rows import ReaderReplay
from moderation.spine.second_readings.rows import NewReading
from moderation.spine.second_readings.values import Purpose

MOST = 2_000  # decisions
TRIED = 10  # comments


def start(
    db: Database, site_id: str, reader_id: str, *, purpose: Purpose, most: int, by: Actor, now: datetime
) -> ReaderReplay:
    """On the last comments that people decided; or on the last of all, to try it. Raises NotFound and InvalidInput."""
    if not 1 <= most <= MOST:
        raise InvalidInput(FieldProblem("comments", said("must be a whole number from 1 to %(most)s", most=MOST)))
    with db.write() as conn:
        reader = readers.get(conn, site_id, reader_id)
        if any(replay.reader_id == reader_id for replay in store.running(conn, site_id)):
            raise InvalidInput(FieldProblem("comments", said("are being read already: wait for the end, or stop it")))
        book = rule_books.read(conn, site_id)
        if not book.rules:
            raise InvalidInput(FieldProblem("rules", said("must have one rule at least")))
        chosen = _chosen(conn, site_id, purpose, most)
        if not chosen:
            raise InvalidInput(FieldProblem("comments", said("are none yet that could be read")))
        replay = ReaderReplay(
            id=new_id(),
            site_id=site_id,
            reader_id=reader_id,
            purpose=purpose,
            fingerprint=reader.fingerprint,
            digest=book.digest,
            comments=len(chosen),
            started_by=str(by),
            started_at=now,
        )
        store.insert(conn, replay)
        asked = [NewReading(site_id, reader_id, id, version, purpose, replay.id) for id, version in chosen]
        readings.insert(conn, asked, now=now)
        counts = {"comments": len(chosen), "purpose": purpose}
        action, subject = "second_reader.replayed", reader.wish.name
        note(conn, by, action, site_id=site_id, subject=subject, after=counts, now=now)
    return replay


def stop(db: Database, site_id: str, replay_id: str, *, by: Actor, now: datetime) -> None:
    """Answers that came until now count. Raises NotFound."""
    with db.write() as conn:
        replay = store.get(conn, site_id, replay_id)
        reader = readers.get(conn, site_id, replay.reader_id)
        if readings.stop_replay(conn, replay_id):
            note(conn, by, "second_reader.stopped", site_id=site_id, subject=reader.wish.name, now=now)
    end_finished(db, site_id, now=now)


def end_finished(db: Database, site_id: str, *, now: datetime) -> None:
    """Adds up the replays of a site of which nothing waits any more."""
    with db.read() as conn:
        over = [replay for replay in store.running(conn, site_id) if not store.left(conn, replay.id)]
        counts = [(replay, figures.of_replay(store.answers(conn, replay.id))) for replay in over]
    for replay, counted in counts:
        with db.write() as conn:
            store.end(conn, replay, counted.to_json(), now=now)


def _chosen(conn: Connection, site_id: str, purpose: Purpose, most: int) -> list[tuple[str, int]]:
    """Comments with their versions."""
    if purpose is Purpose.REPLAY:
        ids = [decision.comment_id for decision in trials.decided(conn, site_id, limit=most)]
        return [(id, version) for id, version in comments.versions(conn, ids).items()]
    listed = lists.page(conn, CommentsWanted(site_id), ListOrder.NEWEST, after=None, limit=most)
    return [(entry.comment.id, entry.comment.version) for entry in listed if entry.comment.text]
