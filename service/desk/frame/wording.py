"""The desk's words for what the core names by code: the reason of a flag, what a decision did, and who made it."""

from __future__ import annotations

from moderation.model import ReasonCode
from moderation.signals.registry import SIGNALS
from moderation.store.decisions import Decision

REASON_TITLES = {
    ReasonCode.MISSING: "A score is missing",
    ReasonCode.LANGUAGE: "Language without a model",
    ReasonCode.DISAGREEMENT: "Rules disagree",
    ReasonCode.PREMODERATED: "Premoderated article",
    ReasonCode.AUTHOR_HOLD: "Author on hold",
    ReasonCode.AUTHOR_TRUSTED: "Trusted author",
    ReasonCode.SCORING_FAILED: "Could not be scored",
    ReasonCode.SCORING_LATE: "Decided without scores",
    ReasonCode.RESCORED: "Newer scores disagree",
    ReasonCode.REPORTED: "Reported by readers",
    ReasonCode.DEFAULT: "Flagged by default",
}

ACTION_WORDS = {
    ("flagged", "published"): "Approved",
    ("flagged", "rejected"): "Rejected",
    ("flagged", "flagged"): "Escalated",
    ("published", "rejected"): "Took down",
    ("rejected", "published"): "Put back up",
    ("published", "flagged"): "Sent to review",
    ("rejected", "flagged"): "Sent to review",
    ("waiting", "published"): "Published",
    ("waiting", "flagged"): "Flagged",
    ("waiting", "rejected"): "Rejected",
}


def reason_title(name: str | None) -> str:
    """In words, what ``comments.flagged_for`` holds."""
    if name is None:
        return "Sent back"
    if name in SIGNALS:
        return SIGNALS[name].title
    return REASON_TITLES.get(ReasonCode(name), name) if name in set(ReasonCode) else name


def spared_limits() -> str:
    """``toxicity, insult and relevance``: the limits that hold nothing of a trusted author."""
    *most, last = (spec.title.lower() for spec in SIGNALS.values() if spec.is_spared)
    return f"{', '.join(most)} and {last}"


def what_was_done(decision: Decision) -> str:
    """``Rejected``, ``Escalated``; of an undo ``Took back``."""
    if decision.undoes:
        return "Took back"
    return ACTION_WORDS.get((decision.status_before, decision.status_after), decision.status_after.capitalize())


def by_whom(decision: Decision) -> str:
    if decision.moderator_name:
        return decision.moderator_name
    if decision.policy_version is not None:
        return f"policy {decision.policy_version}"
    return {"api": "the site", "system": "Gavel"}.get(decision.decided_by, decision.decided_by)
