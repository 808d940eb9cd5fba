"""The lists of all that a comment's change has to do with: vetoes, parts of its event, followers of moves or scores.

Each entry is a function of its own subject. The door reads the lists from the connection, so it imports none of them,
and nobody gets through it without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.values.decisions import Decision
from moderation.ground.values.verdicts import Reason
from moderation.spine.comments.moves import Judgement, Move

DOOR_RULES = "gavel_door_rules"
"""The execution option of an engine that holds its rules."""

Veto = Callable[[Connection, Sequence[Move]], Mapping[str, Reason]]
"""Is given the moves that machines ask for, with their comments locked. By comment, why a person decides it instead."""

Part = Callable[[Connection, Sequence[tuple[Move, Decision]]], Mapping[str, Mapping[str, Any]]]
"""Is given the moves that were made, each with its decision. By decision, further fields of it in its event."""

Afterwards = Callable[[], None]
"""Counts, for the operator, what a follower did. It runs when the transaction is committed."""

Follower = Callable[[Connection, Sequence[Move], datetime], Afterwards | None]
"""Is given the moves that were made, in the order of their comments' ids, with the comments as they were before."""


ScoreFollower = Callable[[Connection, Judgement], None]
"""Is given a comment whose decision stays beside newer scores, after they were stored."""


@dataclass(frozen=True, slots=True)
class DoorRules:
    """The door calls each list in its order, in the transaction of the move."""

    vetoes: tuple[Veto, ...]
    parts: tuple[Part, ...]
    followers: tuple[Follower, ...]
    score_followers: tuple[ScoreFollower, ...]


def rules_of(conn: Connection) -> DoorRules:
    """The rules with which the database was opened. Without any, no comment moves: an empty list would forget the
    vetoes.

    Raises RuntimeError.
    """
    rules = conn.get_execution_options().get(DOOR_RULES)
    if not isinstance(rules, DoorRules):
        raise RuntimeError("this database was opened without the rules of the door, so no comment can move")
    return rules
