"""Quotes of a comment that was erased while a reply to it was being scored: they are dropped and never kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.engine import Connection

from moderation.ground.values.signals import Of, Signal
from moderation.ground.values.verdicts import Part, Reason
from moderation.spine.comments import rows as comments
from moderation.spine.comments.moves import Judgement

Quoting = TypeVar("Quoting", Signal, Reason, Part)


def without_erased(conn: Connection, judgements: Sequence[Judgement]) -> list[Judgement]:
    """The judgements in order, without quotes of a parent that has no text any more. Most quote none and cost no query.

    The caller has locked the comments: a parent that is erased later takes its quotes out of them itself.
    """
    parents: Mapping[str, str] = {
        comment.id: comment.parent_id
        for judgement in judgements
        if (comment := judgement.scored.comment).parent_id is not None and _quotes_parent(judgement)
    }
    gone = comments.erased_among(conn, set(parents.values())) if parents else set()
    return [_cleaned(j) if parents.get(j.scored.comment.id) in gone else j for j in judgements]


def reasons_without_parent(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(replace(_without(reason), parts=tuple(_without(part) for part in reason.parts)) for reason in reasons)


def _quotes_parent(judgement: Judgement) -> bool:
    return any(span.of is Of.PARENT for signal in judgement.scoring.signals for span in signal.evidence)


def _cleaned(judgement: Judgement) -> Judgement:
    scoring = replace(judgement.scoring, signals=tuple(_without(signal) for signal in judgement.scoring.signals))
    verdict = replace(judgement.verdict, reasons=reasons_without_parent(judgement.verdict.reasons))
    return replace(judgement, scoring=scoring, verdict=verdict)


def _without(quoting: Quoting) -> Quoting:
    return replace(quoting, evidence=tuple(span for span in quoting.evidence if span.of is not Of.PARENT))
