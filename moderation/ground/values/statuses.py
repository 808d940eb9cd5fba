"""The statuses of a comment, the moves between them that are allowed, and the one who decides."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CommentStatus(StrEnum):
    """How far a comment has come. Readers see only ``published`` comments."""

    WAITING = "waiting"
    PUBLISHED = "published"
    FLAGGED = "flagged"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """The action that a verdict asks for, from mild to severe."""

    PUBLISH = "publish"
    FLAG = "flag"
    REJECT = "reject"

    @property
    def severity(self) -> int:
        """0 for the mildest action; a higher number is more severe."""
        return _SEVERITY[self]

    @property
    def status(self) -> CommentStatus:
        """The status of a comment after this action."""
        return _STATUS_AFTER[self]


_SEVERITY = {action: place for place, action in enumerate(Action)}
_STATUS_AFTER = {
    Action.PUBLISH: CommentStatus.PUBLISHED,
    Action.FLAG: CommentStatus.FLAGGED,
    Action.REJECT: CommentStatus.REJECTED,
}
ACTION_TO: Mapping[CommentStatus, Action] = MappingProxyType(
    {status: action for action, status in _STATUS_AFTER.items()}
)
"""The action that leads to each status which a decision can give."""


class DecidedBy(StrEnum):
    POLICY = "policy"
    MODERATOR = "moderator"
    API = "api"
    SYSTEM = "system"  # the sweeper, where scoring failed for good
    IMPORT = "import"  # before Gavel: the newsroom's history


PEOPLE = (DecidedBy.MODERATOR, DecidedBy.API)
"""A person of the site decided, or the site itself."""

MACHINES = (DecidedBy.POLICY, DecidedBy.SYSTEM)


_W, _P, _F, _R, _X = CommentStatus
ALLOWED_MOVES: Mapping[CommentStatus, frozenset[CommentStatus]] = MappingProxyType(
    {
        _W: frozenset({_P, _F, _R, _X}),
        _P: frozenset({_W, _F, _R, _X}),
        _F: frozenset({_W, _P, _R, _X}),
        _R: frozenset({_W, _P, _F, _X}),
        _X: frozenset(),
    }
)
"""An edit makes a comment ``waiting`` again; an undo, a report or a rescore makes it ``flagged`` again."""
