"""The site's ladder at work: which authors are due for their next measure, after rejections that count against them.

On a site that lets Gavel climb by itself, the measure is taken in the transaction of the rejection, and undone with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.values.authors import Author
from moderation.ground.values.measures import SILENCED
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.authors import measure_rows as store
from moderation.moderators.authors import taking_measures as author_measures
from moderation.moderators.authors.taking_measures import MeasureWish
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit.actors import ActorKind
from moderation.sites.settings.ladder import Climb, Step
from moderation.sites.settings.values import SiteSettings
from moderation.spine.articles import rows as articles
from moderation.spine.comments.moves import Move

REMEMBERED = timedelta(days=365)  # after a year without a sanction an author begins at the first step again


@dataclass(frozen=True, slots=True)
class DueStep:
    """An author has come to the next step."""

    step: Step
    rejections: int
    within_days: int
    reason: str | None  # of the newest rejection


def due(conn: Connection, author: Author, settings: SiteSettings, *, now: datetime) -> DueStep | None:
    """None while the author has too few rejections since their last sanction, and for one who is barred already."""
    ladder, counting = settings.author_ladder, settings.reasons_against_author
    if ladder is None or not counting or author.standing_at(now) in SILENCED:
        return None
    before = store.sanctions(conn, author.id, since=now - REMEMBERED)
    after = max([now - timedelta(days=ladder.within_days), *(sanction.created_at for sanction in before[:1])])
    rejections = store.rejections(conn, author.id, counting, after=after, limit=ladder.rejections)
    if len(rejections) < ladder.rejections:
        return None
    step = ladder.next_step(_steps(before))
    return DueStep(step, len(rejections), ladder.within_days, rejections[0].reason)


def follow(conn: Connection, moves: Sequence[Move], now: datetime) -> None:
    """After decisions: takes the measures that the site lets Gavel take, and undoes one whose rejection was undone.
    That may be a person's agreement with the policy: the comment stays rejected then, without a reason."""
    for move in moves:
        if move.decided_by is None:
            continue
        if move.to is CommentStatus.REJECTED and move.reason:
            _climb(conn, move, now)
        elif move.comment.status is CommentStatus.REJECTED:
            _take_back(conn, move, now)


def _climb(conn: Connection, move: Move, now: datetime) -> None:
    settings = sites.get_site(conn, move.comment.site_id).settings
    ladder = settings.author_ladder
    if ladder is None or ladder.climb is not Climb.APPLIED:
        return
    author = articles.author_by_id(conn, move.comment.author_id)
    assert author is not None
    due_step = due(conn, author, settings, now=now)
    if due_step is not None:
        wish = wish_of(due_step, move.comment.id)
        author_measures.take_in(conn, author.id, wish, by=actors.SYSTEM, now=now, due_at=move.due_at)


def wish_of(due: DueStep, comment_id: str) -> MeasureWish:
    """The measure, with the reason of the newest rejection."""
    return MeasureWish(due.step.measure, rejection_reason=due.reason, days=due.step.days, about_id=comment_id)


def _take_back(conn: Connection, move: Move, now: datetime) -> None:
    newest = store.newest(conn, move.comment.author_id)
    if newest is not None and newest.made_by == ActorKind.SYSTEM and newest.about_id == move.comment.id:
        author_measures.undo_in(conn, newest, by=actors.SYSTEM, now=now)


def _steps(taken: Iterable[store.TakenMeasure]) -> list[Step]:
    return [Step(sanction.measure, _days(sanction)) for sanction in taken]


def _days(taken: store.TakenMeasure) -> int | None:
    return max(1, round((taken.until - taken.created_at) / timedelta(days=1))) if taken.until else None
