"""Many decisions at once, by selection or by score, as one batch that can be undone at once. Each is recorded by
``door``. A comment that somebody changed meanwhile is left out, never decided unseen; so is one that only leads
decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import (
    FieldProblem,
    InvalidInput,
    LeadsDecide,
    MoveNotAllowed,
    NotFound,
    SelectionChanged,
    StaleVersion,
    said,
)
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import DecidedBy
from moderation.moderators.finding import history_rows as history
from moderation.moderators.finding.history_rows import Entry, Tally
from moderation.moderators.queue import score_rows as score_ranges
from moderation.moderators.queue.score_rows import Sample, ScoreRange
from moderation.moderators.review import reviewing as review
from moderation.moderators.review.reviewing import ModeratorChoice
from moderation.sites.rows import Moderator

MAX_BATCH = 1000  # the moderator waits while the batch is decided
CHUNK = 50  # decisions per transaction, so that others can write in between
EACH = 3

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Preview:
    count: int  # the count stops at MAX_BATCH + 1
    lowest: list[Sample]
    highest: list[Sample]
    between: list[Sample]

    @property
    def is_too_many(self) -> bool:
        return self.count > MAX_BATCH


@dataclass(frozen=True, slots=True)
class Batch:
    id: str
    decided: int
    left_out: int  # somebody else has decided them, or only leads may


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch, as far as the moderator may see it. ``in_force`` and ``undone`` hold the newest MAX_BATCH decisions by
    their comments."""

    entries: tuple[Entry, ...]  # the newest
    tally: Tally
    in_force: Mapping[str, str]  # decisions that nothing followed
    undone: Mapping[str, str]  # undone with the batch, and nothing followed

    @property
    def first(self) -> Decision:
        """The newest decision that a person made."""
        decisions = [entry.decision for entry in self.entries]
        return next((decision for decision in decisions if decision.decided_by is not DecidedBy.POLICY), decisions[0])

    @property
    def followed(self) -> int:
        """The copies that came later and that the policy decided the same way."""
        return sum(entry.decision.decided_by is DecidedBy.POLICY for entry in self.entries)


def preview(db: Database, chosen: ScoreRange) -> Preview:
    """Counts the comments in a range of scores, and gives samples of them."""
    with db.read() as conn:
        counted = score_ranges.count(conn, chosen, at_most=MAX_BATCH + 1)
        return Preview(counted, *score_ranges.samples(conn, chosen, size=EACH))


def decide_range(
    db: Database,
    moderator: Moderator,
    chosen: ScoreRange,
    decided: ModeratorChoice,
    *,
    expected: int,
    now: datetime,
    hold_s: float,
) -> Batch:
    """Decides the comments that the preview showed, and none that arrived since.

    Raises SelectionChanged when there are no longer ``expected`` comments, and InvalidInput when there are too many.
    """
    with db.read() as conn:
        seen = score_ranges.ids(conn, chosen, limit=MAX_BATCH + 1)
    if len(seen) != expected:
        raise SelectionChanged(expected, len(seen))
    return decide_each(db, moderator, seen, decided, now=now, hold_s=hold_s)


def decide_each(
    db: Database,
    moderator: Moderator,
    seen: Sequence[tuple[str, int]],
    decided: ModeratorChoice,
    *,
    now: datetime,
    hold_s: float,
    batch_id: str | None = None,
    overturned: Mapping[str, str] | None = None,
) -> Batch:
    """``seen`` holds the id of each comment and the version that the moderator saw. ``batch_id`` is given where a
    batch goes on; ``overturned`` holds, by comment, the person's decision that this one is meant to replace."""
    if not 0 < len(seen) <= MAX_BATCH:
        raise InvalidInput(FieldProblem("ids", said("choose 1 to %(most)s comments at once", most=f"{MAX_BATCH:,}")))
    batch = batch_id or new_id()

    def decide(conn: Connection, comment: tuple[str, int]) -> None:
        comment_id, version = comment
        named = (overturned or {}).get(comment_id)
        wish = replace(decided, version=version, batch_id=batch, overturns=named)
        review.decide_in(conn, moderator, comment_id, wish, now=now, hold_s=hold_s)

    return _each(db, batch, sorted(seen), decide)


def undo_batch(db: Database, moderator: Moderator, batch_id: str, *, now: datetime, hold_s: float) -> Batch:
    """Undoes the decisions of the batch that no other decision followed, at most MAX_BATCH at once. Raises NotFound."""
    in_force = open_batch(db, moderator, batch_id).in_force
    return _take_back(db, moderator, batch_id, list(in_force.values()), now=now, hold_s=hold_s)


def redo_batch(db: Database, moderator: Moderator, batch_id: str, *, now: datetime, hold_s: float) -> Batch:
    """Repeats the decisions that ``undo_batch`` undid, where no other decision followed, at most MAX_BATCH at once.
    Raises NotFound."""
    undone = open_batch(db, moderator, batch_id).undone
    return _take_back(db, moderator, batch_id, list(undone.values()), now=now, hold_s=hold_s)


def open_batch(db: Database, moderator: Moderator, batch_id: str) -> OpenBatch:
    """Raises NotFound if the batch has no comment of the moderator's sites."""
    with db.read() as conn:
        tally = history.tallies(conn, [batch_id], reads=tuple(moderator.roles)).get(batch_id)
        entries = history.batch(conn, batch_id, limit=MAX_BATCH)
        newest = {
            is_undone: history.newest_of_batch(conn, batch_id, tally.outcome, is_undone=is_undone, limit=MAX_BATCH)
            for is_undone in (False, True)
            if tally is not None
        }
    mine = tuple(entry for entry in entries if entry.decision.site_id in moderator.roles)
    if tally is None or not mine:
        raise NotFound("batch", batch_id)
    in_force, undone = (
        {d.comment_id: d.id for d in newest[is_undone] if d.site_id in moderator.roles} for is_undone in (False, True)
    )
    return OpenBatch(mine, tally, in_force, undone)


def _take_back(
    db: Database, moderator: Moderator, batch_id: str, decision_ids: Sequence[str], *, now: datetime, hold_s: float
) -> Batch:
    def undo(conn: Connection, decision_id: str) -> None:
        review.undo_in(conn, moderator, decision_id, now=now, hold_s=hold_s, batch_id=batch_id)

    return _each(db, batch_id, decision_ids, undo)


def _each(db: Database, batch_id: str, items: Sequence[Item], act: Callable[[Connection, Item], None]) -> Batch:
    """Acts on each comment that nobody has changed meanwhile. Raises LeadsDecide if only comments that leads decide are
    left."""
    decided, barred = 0, None
    for chunk in _chunks(items):
        with db.write() as conn:
            for item in chunk:
                try:
                    with conn.begin_nested():
                        act(conn, item)
                    decided += 1
                except (StaleVersion, MoveNotAllowed):
                    continue
                except LeadsDecide as e:
                    barred = e
    if barred is not None and decided == 0:
        raise barred
    return Batch(batch_id, decided, len(items) - decided)


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
