"""A statement in the form of the EU's transparency database, without personal data. Fields, values and lengths are
those of its public source (github.com/digital-services-act/transparency-database, June 2026)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from moderation.ground.wording.sentences import spoken
from moderation.law.statements import building
from moderation.law.statements.building import StatedGround, Statement
from moderation.law.statements.facts import Automation, DecidedAgainst, Restriction, Source
from moderation.law.statements.measure_facts import AccountRestriction
from moderation.law.statements.measure_statements import MeasureStatement
from moderation.sites.settings.grounds import GroundKind

MAX_GROUND_CHARS, MAX_EXPLANATION_CHARS = 500, 2_000
FIRST_DAY = date(2000, 1, 1)  # of a content's date
EU_AND_EEA = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)
VISIBILITY: Mapping[Restriction, str] = {
    Restriction.NOT_PUBLISHED: "DECISION_VISIBILITY_CONTENT_DISABLED",
    Restriction.REMOVED: "DECISION_VISIBILITY_CONTENT_REMOVED",
    Restriction.HELD: "DECISION_VISIBILITY_CONTENT_DISABLED",
}
ACCOUNT: Mapping[AccountRestriction, str] = {
    AccountRestriction.SUSPENDED: "DECISION_ACCOUNT_SUSPENDED",
    AccountRestriction.BANNED: "DECISION_ACCOUNT_TERMINATED",
}
SOURCE: Mapping[Source, str] = {
    Source.TRUSTED_FLAGGER: "SOURCE_TRUSTED_FLAGGER",
    Source.NOTICE: "SOURCE_ARTICLE_16",
    Source.REPORT: "SOURCE_TYPE_OTHER_NOTIFICATION",
    Source.OWN_INITIATIVE: "SOURCE_VOLUNTARY",
}
"""Without the identity of whoever gave a notice, which may be a person's."""
_AUTOMATION: Mapping[Automation, str] = {kind: f"AUTOMATED_DECISION_{kind.name}" for kind in Automation}


def puid(decision_id: str) -> str:
    """The platform's own id of a statement: the same whenever it is made."""
    return decision_id


def form(statement: Statement) -> dict[str, Any]:
    """The JSON object of one statement. Optional fields without a value are left out."""
    about = statement.about
    fields: dict[str, Any] = {
        "decision_visibility": [VISIBILITY[about.restriction]],
        **_ground(statement.ground, statement.language),
        "content_type": ["CONTENT_TYPE_TEXT"],
        "category": statement.ground.category,
        "territorial_scope": list(EU_AND_EEA),
        "content_date": content_date(about).isoformat(),
        "application_date": _day(about.step.created_at).isoformat(),
        "decision_facts": statement.facts,
        "source_type": SOURCE[about.source],
        "automated_detection": "Yes" if about.was_found_by_machine else "No",
        "automated_decision": _AUTOMATION[about.automation],
        "puid": puid(about.step.id),
    }
    if statement.ground.keywords:
        fields["category_specification"] = list(statement.ground.keywords)
    code = (about.language or "").partition("-")[0]
    if len(code) == 2:  # the database has no others
        fields["content_language"] = code.upper()
    if about.ended_at is not None:
        fields["end_date_visibility_restriction"] = _day(about.ended_at).isoformat()
    return fields


def form_of_measure(statement: MeasureStatement) -> dict[str, Any]:
    """As ``form``, of a measure about an author. Its content is the comment that it is about, or what the author
    wrote until then."""
    about = statement.about
    posted = _day(about.posted_at or about.created_at)
    fields: dict[str, Any] = {
        "decision_account": ACCOUNT[about.restriction],
        **_ground(statement.ground, statement.language),
        "content_type": ["CONTENT_TYPE_TEXT"],
        "category": statement.ground.category,
        "territorial_scope": list(EU_AND_EEA),
        "content_date": max(posted, FIRST_DAY).isoformat(),
        "application_date": _day(about.created_at).isoformat(),
        "decision_facts": statement.facts,
        "source_type": SOURCE[about.source],
        "automated_detection": "Yes" if about.was_found_by_machine else "No",
        "automated_decision": _AUTOMATION[about.automation],
        "puid": puid(about.id),
    }
    if statement.ground.keywords:
        fields["category_specification"] = list(statement.ground.keywords)
    if about.ends_at is not None:
        fields["end_date_account_restriction"] = _day(about.ends_at).isoformat()
    return fields


def content_date(about: DecidedAgainst) -> date:
    """When the comment was posted; when it came here, if the site dates it before the database's first day."""
    posted = _day(about.posted_at)
    return posted if posted >= FIRST_DAY else _day(about.received_at)


def _ground(ground: StatedGround, language: str) -> dict[str, Any]:
    text = ground.text[:MAX_EXPLANATION_CHARS]
    if ground.kind is GroundKind.LAW:
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": (ground.provision or "")[:MAX_GROUND_CHARS],
            "illegal_content_explanation": text,
        }
    named = building.ground_in_words(ground, spoken(language))
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": named.rstrip(" :\u00a0"),
        "incompatible_content_explanation": text,
    }


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
