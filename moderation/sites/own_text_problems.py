"""Checks of the sentences that a site words itself, by id. The placeholders of ours stay in letters, and so does each
sentence by which the law is kept: the site may only add to it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.wording.sentences import LANGUAGES, is_of_box, of_sites, placeholders

MAX_CHARS = 500
KEPT = frozenset(
    (
        # The decision, its scope, ground, facts and means (Regulation (EU) 2022/2065, Article 17 (3))
        *("statement_decision_not_published", "statement_decision_removed", "statement_decision_held"),
        *("statement_scope", "statement_scope_held", "statement_amended"),
        *("statement_house_rule", "statement_house_rules", "statement_law"),
        *("statement_noticed", "statement_reported", "statement_not_reported"),
        *("statement_found", "statement_found_for", "statement_not_found"),
        *("statement_deciding_fully", "statement_deciding_partially", "statement_deciding_not_automated"),
        "statement_deciding_site",
        # Redress against it (17 (3) f), and the outcome (20 (5))
        *("statement_appeal_to", "statement_appeal_to_site", "statement_appeal_here"),
        *("redress_elsewhere", "redress_body", "redress_court"),
        *("appeal_outcome_upheld", "appeal_outcome_overturned", "appeal_outcome_settled"),
        *("appeal_read_by_same", "appeal_received"),
        # The receipt of a notice, its decision, by what means, and redress (16 (4) to (6)); the warning (23)
        *("receipt_received", "receipt_outcome_upheld", "receipt_outcome_dismissed", "receipt_outcome_withdrawn"),
        *("receipt_settled", "receipt_by_person", "receipt_disagree", "receipt_disagree_site", "receipt_unfounded"),
    )
)
"""The sentences that a text of the site's own must have word for word."""

_UNKNOWN = "is not the id of a text that a site may word"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def check(language: str, texts: Mapping[str, str]) -> None:
    """Raises InvalidInput for a language or an id that we do not know, and for a text that cannot be shown."""
    if language not in LANGUAGES:
        raise InvalidInput(FieldProblem("language", f"must be one of {', '.join(LANGUAGES)}"))
    known = of_sites(language)
    problems = tuple(
        FieldProblem(f"texts.{id}", why)
        for id, text in texts.items()
        if (why := _problem(id, text, known[id]) if id in known else _UNKNOWN)
    )
    if problems:
        raise InvalidInput(*problems)


def _problem(id: str, text: str, our: str) -> str:
    """The fault in words that follow the name of the field; empty for a text that may be shown."""
    strange, lost = placeholders(text) - placeholders(our), placeholders(our) - placeholders(text)
    if not 1 <= len(text) <= MAX_CHARS:
        return f"must have 1 to {MAX_CHARS} characters"
    if _CONTROL.search(text):
        return "must not contain control characters"
    if strange:
        return f"has {{{min(strange)}}}, which is not filled in there"
    if lost and not is_of_box(id):
        return f"lacks {{{min(lost)}}}, which our text has"
    if id in KEPT and our not in text:
        return "must have our sentence in it word for word, since it keeps the law: you may only add to it"
    return ""
