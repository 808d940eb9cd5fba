"""Errors of the core in the words that a moderator reads. The API says the same in its own."""

from __future__ import annotations

from moderation.errors import FieldProblem, GavelError, InvalidInput, NotAllowed, NotFound, SelectionChanged
from moderation.people.moderators import INVITATION_DAYS
from service import errors
from service.desk.frame.formats import sentence

NOUNS = {
    "dead letter": "item",
    "limits of": "section or article",
    "policy of site": "policy",
    "policy version": "version of the policy",
}
"""The nouns that people read, where the core has another name for the kind."""
ELSEWHERE = "It may be gone, or it may belong to a site that you do not moderate."
EXPIRED = f"Each link works once, and for {INVITATION_DAYS} days. Ask an admin for a new one."
PREDICATES = ("is ", "are ", "must ", "has ")


def title_and_detail(error: GavelError) -> tuple[str, str]:
    """The heading and the sentences of the page that says no."""
    if isinstance(error, NotFound):
        noun = NOUNS.get(error.kind, error.kind)
        return f"We can’t find that {noun}", EXPIRED if error.kind == "invitation" else ELSEWHERE
    if isinstance(error, NotAllowed):
        return "You can’t do this", str(error)
    if isinstance(error, InvalidInput):
        return "Please check your entries", " ".join(in_words(problem) for problem in error.problems)
    if isinstance(error, SelectionChanged):
        return "Nothing was changed", "Somebody else decided these comments meanwhile."
    return errors.kind_of(error).title, str(error)


def in_words(problem: FieldProblem) -> str:
    """A sentence: some problems are one already, others say what the field is or must be."""
    if problem.message.startswith(PREDICATES):
        return sentence(f"{problem.field.replace('_', ' ')} {problem.message}")
    return sentence(problem.message)
