"""The rules that the EU's transparency database has for a statement of reasons, written from its public documentation
and not from our code: https://transparency.dsa.ec.europa.eu/page/api-documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

VISIBILITIES = {
    "REMOVED", "DISABLED", "DEMOTED", "AGE_RESTRICTED", "INTERACTION_RESTRICTED", "LABELLED",
}  # fmt: skip
ILLEGAL, INCOMPATIBLE = "DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"
OF_GROUND = {
    ILLEGAL: {"illegal_content_legal_ground": 500, "illegal_content_explanation": 2_000},
    INCOMPATIBLE: {"incompatible_content_ground": 500, "incompatible_content_explanation": 2_000},
}
ACCOUNTS = {"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"}
CONTENT_TYPES = {"APP", "AUDIO", "IMAGE", "PRODUCT", "SYNTHETIC_MEDIA", "TEXT", "VIDEO", "OTHER"}
CATEGORIES = {
    "ANIMAL_WELFARE", "CONSUMER_INFORMATION", "CYBER_VIOLENCE", "CYBER_VIOLENCE_AGAINST_WOMEN",
    "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", "ILLEGAL_OR_HARMFUL_SPEECH", "INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS", "NOT_SPECIFIED_NOTICE", "OTHER_VIOLATION_TC",
    "PROTECTION_OF_MINORS", "RISK_FOR_PUBLIC_SECURITY", "SCAMS_AND_FRAUD", "SELF_HARM",
    "UNSAFE_AND_PROHIBITED_PRODUCTS", "VIOLENCE",
}  # fmt: skip
KEYWORDS_HERE = {"CYBER_BULLYING_INTIMIDATION", "HATE_SPEECH", "INCITEMENT_VIOLENCE_HATRED", "DEFAMATION"}
COUNTRIES = set(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)
SOURCES = {"SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"}
AUTOMATED = {"FULLY", "PARTIALLY", "NOT_AUTOMATED"}
REQUIRED = {
    "decision_ground", "content_type", "category", "content_date", "application_date", "decision_facts", "source_type",
    "automated_detection", "automated_decision", "puid",
}  # fmt: skip
DECISIONS = {"decision_visibility", "decision_monetary", "decision_provision", "decision_account"}
OPTIONAL = {
    "category_specification", "territorial_scope", "content_language", "end_date_visibility_restriction",
    "end_date_account_restriction",
}  # fmt: skip


def problems(body: Any) -> Iterator[str]:
    """Of the body of one call."""
    if set(body) != {"statements"} or not 1 <= len(body["statements"]) <= 100:
        yield "a call takes 1 to 100 statements"
    for statement in body["statements"]:
        yield from (f"{problem}: {statement.get('puid')}" for problem in _of_one(statement))


def _of_one(given: Mapping[str, Any]) -> Iterator[str]:
    ground = given.get("decision_ground", "")
    texts = OF_GROUND.get(ground, {})
    if missing := (REQUIRED | set(texts)) - given.keys():
        yield f"lacks {missing}"
        return
    if unknown := given.keys() - REQUIRED - DECISIONS - OPTIONAL - set(texts):
        yield f"may not have {unknown}"
    if not texts:
        yield "decision_ground"
    if not DECISIONS & given.keys():
        yield "needs one of four decisions"
    yield from _texts(given, {**texts, "decision_facts": 5_000})
    yield from _values(given)
    yield from _days(given)


def _texts(given: Mapping[str, Any], most: Mapping[str, int]) -> Iterator[str]:
    for name, length in most.items():
        if not isinstance(given[name], str) or not 0 < len(given[name]) <= length:
            yield name
    if not re.fullmatch(r"[a-zA-Z0-9-_]{1,500}", given["puid"]):
        yield "puid"


def _values(given: Mapping[str, Any]) -> Iterator[str]:
    lists = {
        "decision_visibility": {f"DECISION_VISIBILITY_CONTENT_{name}" for name in VISIBILITIES},
        "content_type": {f"CONTENT_TYPE_{name}" for name in CONTENT_TYPES},
        "territorial_scope": COUNTRIES,
        "category_specification": {f"KEYWORD_{name}" for name in KEYWORDS_HERE},
    }
    for name, values in lists.items():
        if name in given and not (isinstance(given[name], list) and given[name] and set(given[name]) <= values):
            yield name
    single = {
        "category": {f"STATEMENT_CATEGORY_{name}" for name in CATEGORIES},
        "source_type": SOURCES,
        "automated_detection": {"Yes", "No"},
        "automated_decision": {f"AUTOMATED_DECISION_{name}" for name in AUTOMATED},
    }
    yield from (name for name, values in single.items() if given[name] not in values)
    if given.get("decision_account", "DECISION_ACCOUNT_SUSPENDED") not in ACCOUNTS:
        yield "decision_account"
    if not re.fullmatch("[A-Z]{2}", given.get("content_language", "DE")):
        yield "content_language"


def _days(given: Mapping[str, Any]) -> Iterator[str]:
    first = {"content_date": 2000, "application_date": 2020, "end_date_visibility_restriction": 2020}
    first["end_date_account_restriction"] = 2020
    for name, year in first.items():
        if name in given and not date(year, 1, 1) <= date.fromisoformat(given[name]) <= date(2038, 1, 1):
            yield name
        if name in given and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", given[name]):
            yield name
