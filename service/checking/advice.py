"""The reasons of a verdict in words for the writer, so that a comment form can ask them to think again."""

from __future__ import annotations

from moderation.signals.registry import SIGNALS
from moderation.values.statuses import Action
from moderation.values.verdicts import Reason, Verdict

A_PERSON_READS = "A person at this site will read this before it appears."
"""Where another wording would change nothing. It reveals nothing about marks on authors or about articles."""


def advice(verdict: Verdict) -> list[str]:
    """A sentence for each reason, without repetition, the most important first. None for a text that would be
    published."""
    if verdict.action is Action.PUBLISH:
        return []
    sentences = (one for r in verdict.reasons if r.action is not Action.PUBLISH for one in _sentences(r))
    return list(dict.fromkeys(sentences))


def _sentences(reason: Reason) -> list[str]:
    """Those of all signals that the reason rests on."""
    specs = (SIGNALS.get(part.signal) for part in reason.looked_at if part.value is not None)
    return [spec.advice for spec in specs if spec is not None and spec.advice] or [A_PERSON_READS]
