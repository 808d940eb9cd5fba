"""The reasons of a verdict in words for the writer, so that a comment form can ask them to think again."""

from __future__ import annotations

from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Reason, Verdict
from moderation.judging.signals.registry import SIGNALS

A_PERSON_READS = "A person at this site will read this before it appears."
"""Where another wording would change nothing. It reveals nothing about marks on authors or about articles."""


def advice(verdict: Verdict) -> dict[str, str]:
    """For each reason a sentence, by the code of its text in the comment box, the most important first. None for a text
    that would be published."""
    if verdict.action is Action.PUBLISH:
        return {}
    against = (reason for reason in verdict.reasons if reason.action is not Action.PUBLISH)
    return {code: sentence for reason in against for code, sentence in _sentences(reason).items()}


def code_of(signal: str) -> str:
    """The code of the advice that a signal gives."""
    return f"advice_{signal.replace('.', '_')}"


def _sentences(reason: Reason) -> dict[str, str]:
    """Those of all signals that the reason rests on."""
    specs = (SIGNALS.get(part.signal) for part in reason.looked_at if part.value is not None)
    given = {code_of(spec.name): spec.advice for spec in specs if spec is not None and spec.advice}
    return given or {code_of("person_reads"): A_PERSON_READS}
