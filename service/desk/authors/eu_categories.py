"""The categories of the EU's transparency database in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from moderation.sites.settings.eu_terms import CATEGORY
from service.languages.wording import N_, gettext

_WORDS: Mapping[str, str] = {
    "OTHER_VIOLATION_TC": N_("Against the house rules in another way"),
    "ILLEGAL_OR_HARMFUL_SPEECH": N_("Illegal or harmful speech"),
    "CYBER_VIOLENCE": N_("Violence online"),
    "CYBER_VIOLENCE_AGAINST_WOMEN": N_("Violence online against women"),
    "VIOLENCE": N_("Violence"),
    "SCAMS_AND_FRAUD": N_("Scams and fraud"),
    "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS": N_("Privacy and data protection"),
    "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS": N_("Harm to public debate or elections"),
    "INTELLECTUAL_PROPERTY_INFRINGEMENTS": N_("Copyright and other intellectual property"),
    "CONSUMER_INFORMATION": N_("Information for consumers"),
    "PROTECTION_OF_MINORS": N_("Protection of minors"),
    "RISK_FOR_PUBLIC_SECURITY": N_("Risk for public security"),
    "SELF_HARM": N_("Self-harm"),
    "UNSAFE_AND_PROHIBITED_PRODUCTS": N_("Unsafe or prohibited products"),
    "ANIMAL_WELFARE": N_("Animal welfare"),
    "NOT_SPECIFIED_NOTICE": N_("Not specified by the notice"),
}


def in_words() -> dict[str, str]:
    """Each category with its words."""
    return {f"{CATEGORY}{name}": gettext(words) for name, words in _WORDS.items()}
