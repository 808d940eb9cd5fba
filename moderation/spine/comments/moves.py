"""A comment's way to its next version: the policy's judgement on a scored comment, and the move that the door makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from moderation.ground.values.comments import Comment
from moderation.ground.values.signals import Vector
from moderation.ground.values.statuses import MACHINES, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason, ShadowVerdict, Verdict
from moderation.judging.signals.scoring import CommentToScore, Scoring


@dataclass(frozen=True, slots=True)
class Judgement:
    """A scored comment and the policy's verdict on it. Unlike a CommentToScore it has been read and weighed; nothing
    has happened to the comment yet."""

    scored: CommentToScore
    scoring: Scoring
    verdict: Verdict
    vector: Vector | None = None  # None where no encoder reads the comment's language
    in_shadow: tuple[ShadowVerdict, ...] = ()  # the verdicts of policies that only look on


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A message from a caller through the door to one follower. The type is the follower's; the door reads none."""


E = TypeVar("E", bound=Enclosure)


@dataclass(frozen=True, slots=True)
class Move:
    """The next version of a comment that somebody asks for: its status, who decides, and why.

    A Judgement is only the policy's; a move may also be a person's, the system's, an edit or a withdrawal, and it says
    how the comment was when the caller saw it. The door makes it, or refuses it.
    """

    comment: Comment  # as the caller saw it
    to: CommentStatus
    due_at: datetime  # when the site may hear of it
    decided_by: DecidedBy | None = None  # None for an edit and a withdrawal, which are no decisions
    reasons: tuple[Reason, ...] = ()
    moderator_id: str | None = None
    policy_version: int | None = None
    reason: str | None = None  # of a rejection, by its name
    note: str | None = None
    undoes: str | None = None
    batch_id: str | None = None
    silent: bool = False  # the site does not hear of it
    featured: bool | None = None  # True makes an editor's pick, False ends that, None changes nothing
    is_blind: bool = False  # a person decides without having seen what others say of the comment
    confirms: bool = False  # the status stays as it is, and a person says that it is right
    escalated: bool | None = None  # True asks a lead to decide, False takes that back, None changes nothing
    judgement: Judgement | None = None  # the scores that the decision rests on
    columns: Mapping[str, object] = field(default_factory=dict)  # further columns of the comment that change with it
    enclosed: tuple[Enclosure, ...] = ()  # for followers, at most one of each type

    @property
    def may_stay(self) -> bool:
        """Whether the status may stay the same: for a note on a decided comment, for newer scores, and for an edit of a
        waiting comment."""
        is_note = self.confirms or self.featured is not None or self.escalated is not None
        return is_note or self.judgement is not None or self.to is CommentStatus.WAITING

    @property
    def is_by_machine(self) -> bool:
        """Whether no person decides. An edit and a withdrawal, which decide nothing, are a person's."""
        return self.decided_by in MACHINES

    @property
    def settles(self) -> bool:
        """Whether the policy decides a waiting comment. Otherwise its newer scores replace an older decision, or it
        decides nothing."""
        return self.judgement is not None and self.comment.status is CommentStatus.WAITING


def enclosed_in(move: Move, kind: type[E]) -> E | None:
    """The enclosure of this type, for its follower."""
    return next((enclosed for enclosed in move.enclosed if isinstance(enclosed, kind)), None)


def hold_until(now: datetime, hold_s: float) -> datetime:
    """When the site hears of a moderator's decision, unless it is undone before."""
    return now + timedelta(seconds=hold_s)
