"""The reasons of a verdict in words for the writer, so that a comment form can ask them to think again."""

from __future__ import annotations

from moderation.model import Action, Reason, Verdict
from moderation.signals.registry import SIGNALS

A_PERSON_READS = "A person at this site will read this before it appears."
"""Where another wording would change nothing. It reveals nothing about marks on authors or about articles."""


def advice(verdict: Verdict) -> list[str]:
    """One sentence for each reason, without repetition, the most important first. None for a text that would be
    published."""
    if verdict.action is Action.PUBLISH:
        return []
    return list(dict.fromkeys(_sentence(r) for r in verdict.reasons if r.action is not Action.PUBLISH))


def _sentence(reason: Reason) -> str:
    spec = SIGNALS.get(reason.signal or "")
    return (spec.advice if spec is not None and reason.value is not None else "") or A_PERSON_READS
