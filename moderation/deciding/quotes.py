"""Quotes of a comment that was erased while a reply to it was being scored: they are dropped and never kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.engine import Connection

from moderation.model.comments import Comment
from moderation.model.scoring import Scoring
from moderation.model.signals import Of, Signal
from moderation.model.verdicts import Part, Reason
from moderation.store import comments

Quoting = TypeVar("Quoting", Signal, Reason, Part)


def quoting_erased(conn: Connection, scored: Iterable[tuple[Comment, Scoring]]) -> set[str]:
    """The ids of those whose scores quote a parent that has no text any more. Most quote none, and cost no query."""
    parents: Mapping[str, str] = {
        comment.id: comment.parent_id
        for comment, scoring in scored
        if comment.parent_id is not None and any(span.of is Of.PARENT for s in scoring.signals for span in s.evidence)
    }
    gone = comments.erased_among(conn, set(parents.values())) if parents else set()
    return {comment_id for comment_id, parent_id in parents.items() if parent_id in gone}


def without_parent(scoring: Scoring) -> Scoring:
    return replace(scoring, signals=tuple(_without(signal) for signal in scoring.signals))


def reasons_without_parent(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(replace(_without(reason), parts=tuple(_without(part) for part in reason.parts)) for reason in reasons)


def _without(quoting: Quoting) -> Quoting:
    return replace(quoting, evidence=tuple(span for span in quoting.evidence if span.of is not Of.PARENT))
