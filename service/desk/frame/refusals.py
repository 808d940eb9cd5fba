"""Errors of the core in the words that a moderator reads. The API says the same in its own."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from moderation import errors
from moderation.errors import FieldProblem, GavelError, InvalidInput, NotAllowed, NotFound
from moderation.people.moderators import INVITATION_DAYS
from service.desk.frame.formats import sentence

UNKNOWN = "That did not work"
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
TITLES: Mapping[type[GavelError], tuple[str, str]] = {
    errors.StaleVersion: (
        "Nothing was changed",
        "Somebody else changed this comment first. Open it again to see how it is now.",
    ),
    errors.StalePolicy: (
        "Nothing was saved",
        "Somebody else saved the policy first. Open it again to see how it is now.",
    ),
    errors.FiguresChanged: ("Nothing was saved", "The figures were counted again meanwhile. Look at them once more."),
    errors.SelectionChanged: ("Nothing was changed", "Somebody else decided these comments meanwhile."),
    errors.MoveNotAllowed: (
        "Nothing was changed",
        "The comment’s state no longer allows this. Open it again to see how it is now.",
    ),
    errors.LoginThrottled: ("Too many attempts", ""),
    errors.RateLimited: ("Too many requests", ""),
    errors.NameTaken: ("This name is taken", ""),
    errors.StorageNotReady: (
        "Gavel is not ready",
        "Its database is older or newer than the program. The people who run Gavel can mend this.",
    ),
    errors.NotKept: ("Please check your entries", "One of them is too long, or has a character that cannot be stored."),
    errors.NotAuthenticated: ("Please log in", "Your session has ended."),
}
"""Heading and sentence of the errors that a moderator can meet. An empty sentence leaves the error's own."""
BY_STATUS: Mapping[HTTPStatus, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: ("Your browser sent something that Gavel cannot read", "Go back and try again."),
    HTTPStatus.NOT_FOUND: ("We can’t find that page", "Check the address, or start from the queue."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("This address is not a page", "Start from the queue."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("That was too much at once", "Choose fewer comments, or shorten your text."),
    HTTPStatus.REQUEST_URI_TOO_LONG: ("That was too much at once", "Choose fewer comments."),
}


def title_and_detail(error: GavelError) -> tuple[str, str]:
    """The heading and the sentences of the page that says no."""
    if isinstance(error, NotFound):
        noun = NOUNS.get(error.kind, error.kind)
        return f"We can’t find that {noun}", EXPIRED if error.kind == "invitation" else ELSEWHERE
    if isinstance(error, NotAllowed):
        return "You can’t do this", str(error)
    if isinstance(error, InvalidInput):
        return "Please check your entries", " ".join(in_words(problem) for problem in error.problems)
    known = next((TITLES[cls] for cls in type(error).__mro__ if cls in TITLES), None)
    heading, sentences = known or (UNKNOWN, "")
    return heading, sentences or str(error)


def of_status(status: HTTPStatus) -> tuple[str, str]:
    """The heading and the sentence for an error of the framework."""
    return BY_STATUS.get(status, (UNKNOWN, "Go back and try again."))


def in_words(problem: FieldProblem) -> str:
    """A sentence: some problems are one already, others say what the field is or must be."""
    if problem.message.startswith(PREDICATES):
        return sentence(f"{problem.field.replace('_', ' ')} {problem.message}")
    return sentence(problem.message)
