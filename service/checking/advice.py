"""The reasons of a verdict as advice to the writer, so that a comment form can ask them to think again.

A signal advises if the sentences to readers have one for it: where no other wording would help, they have none.
"""

from __future__ import annotations

from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Reason, Verdict
from moderation.ground.wording.sentences import ENGLISH, ours

A_PERSON_READS = "advice_person_reads"
"""Where another wording would change nothing. It reveals nothing about marks on authors or about articles."""


def advice(verdict: Verdict) -> tuple[str, ...]:
    """The ids of the sentences for its reasons, the most important first. None for a text that would be published."""
    if verdict.action is Action.PUBLISH:
        return ()
    against = (reason for reason in verdict.reasons if reason.action is not Action.PUBLISH)
    return tuple(dict.fromkeys(id for reason in against for id in _ids(reason)))


def id_of(signal: str) -> str:
    """The id of the advice that a signal gives, if it gives any."""
    return f"advice_{signal.replace('.', '_')}"


def _ids(reason: Reason) -> list[str]:
    """The ids of all signals that the reason rests on."""
    ids = (id_of(part.signal) for part in reason.looked_at if part.value is not None)
    return [id for id in ids if id in ours(ENGLISH)] or [A_PERSON_READS]
