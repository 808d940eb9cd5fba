"""The desk's words for what the core names by code: why a comment is flagged, what a decision did, who made it."""

from __future__ import annotations

from moderation import rejection_reasons
from moderation.model import ReasonCode
from moderation.policy.verdicts import LANGUAGE_SIGNAL
from moderation.signals.registry import SIGNALS
from moderation.site_settings import SiteSettings
from moderation.store.decisions import Decision
from service.languages import choice

REASON_TITLES = {
    ReasonCode.COMBINED: "Several signals together",
    ReasonCode.MISSING: "Score missing",
    ReasonCode.LANGUAGE: "Language needs a person",
    ReasonCode.DISAGREEMENT: "Rules disagree",
    ReasonCode.PREMODERATED: "Article is premoderated",
    ReasonCode.AUTHOR_HOLD: "Author is on hold",
    ReasonCode.AUTHOR_TRUSTED: "Author is trusted",
    ReasonCode.SCORING_FAILED: "Could not be scored",
    ReasonCode.TOO_COSTLY: "Too costly to read",
    ReasonCode.SCORING_LATE: "Decided without scores",
    ReasonCode.RESCORED: "Newer scores disagree",
    ReasonCode.REPORTED: "Reported by readers",
    ReasonCode.CAMPAIGN: "Like a campaign",
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
    """The title of what ``comments.flagged_for`` holds: a signal, or a reason that is no signal."""
    if name is None:
        return "Sent back"
    if name == LANGUAGE_SIGNAL:
        return REASON_TITLES[ReasonCode.LANGUAGE]
    if name in SIGNALS:
        return SIGNALS[name].title
    return REASON_TITLES.get(ReasonCode(name), name) if name in set(ReasonCode) else name


def reason_wording(settings: SiteSettings, name: str) -> str:
    """A reason for rejection in the language of the page, where the site has words for it."""
    return rejection_reasons.wording(settings.reason_details, name, choice.current().formats.language)


def reading_notice(name: str) -> str:
    """Under a comment that a colleague has open too."""
    return f"{name} is reading this now. You can still decide; the first decision counts."


def decided_notice(decision: Decision) -> str:
    """Under a comment that a colleague decided while it was open."""
    return f"{what_was_done(decision)} by {by_whom(decision)}. Your next key or click opens the next comment."


def spared_limits() -> str:
    """``toxicity, insult and relevance``: the limits that hold nothing of a trusted author."""
    *most, last = (spec.title.lower() for spec in SIGNALS.values() if spec.is_spared)
    return f"{', '.join(most)} and {last}"


def what_was_done(decision: Decision) -> str:
    """``Rejected``, ``Escalated``; ``Undone`` for an undo."""
    if decision.undoes:
        return "Undone"
    return ACTION_WORDS.get((decision.status_before, decision.status_after), decision.status_after.capitalize())


def batch_was_done(decision: Decision) -> str:
    """Of many comments at once, some of which may have been published before."""
    return {"published": "Approved", "rejected": "Rejected"}.get(decision.status_after, what_was_done(decision))


def by_whom(decision: Decision) -> str:
    """The person's name, ``policy 3``, ``the site`` or ``Gavel``."""
    if decision.moderator_name:
        return decision.moderator_name
    if decision.policy_version is not None:
        return f"policy {decision.policy_version}"
    return {"api": "the site", "system": "Gavel", "import": "an import"}.get(decision.decided_by, decision.decided_by)
