"""Errors of the core in the words that a moderator reads. The API says the same in its own."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from moderation.ground import errors
from moderation.ground.errors import FieldProblem, GavelError, InvalidInput, NotAllowed, NotFound, Said
from moderation.law.appeals import errors as appeal_errors
from moderation.sites.people.moderators import INVITATION_DAYS
from moderation.sites.rules.errors import StaleRule
from service.desk.frame.sentences import numbers
from service.desk.frame.sentences.formats import sentence
from service.languages.wording import N_, gettext

UNKNOWN = N_("That did not work")
NOT_FOUND = {
    "appeal": N_("We can’t find that appeal"),
    "article": N_("We can’t find that article"),
    "author": N_("We can’t find that author"),
    "batch": N_("We can’t find that batch"),
    "campaign": N_("We can’t find that campaign"),
    "comment": N_("We can’t find that comment"),
    "dead letter": N_("We can’t find that item"),
    "decision": N_("We can’t find that decision"),
    "invitation": N_("We can’t find that invitation"),
    "limits of": N_("We can’t find that section or article"),
    "moderator": N_("We can’t find that moderator"),
    "notice": N_("We can’t find that notice"),
    "policy of site": N_("We can’t find that policy"),
    "policy version": N_("We can’t find that version of the policy"),
    "site": N_("We can’t find that site"),
}
"""By the core's name for the kind."""
ELSEWHERE = N_("It may be gone, or it may belong to a site that you do not moderate.")
EXPIRED = N_("Each link works once, and for %(days)s days. Ask an admin for a new one.")
FIELDS = {
    "days": N_("days"),
    "email": N_("e-mail address"),
    "name": N_("name"),
    "note": N_("note"),
    "reason": N_("reason"),
    "limits": N_("limits"),
}
"""How sentences call a field whose name people read."""
PREDICATES = ("is ", "are ", "must ", "has ")
TITLES: Mapping[type[GavelError], tuple[str, str]] = {
    errors.StaleVersion: (
        N_("Nothing was changed"),
        N_("Somebody else changed this comment first. Open it again to see how it is now."),
    ),
    errors.StalePolicy: (
        N_("Nothing was saved"),
        N_("Somebody else saved the policy first. Open it again to see how it is now."),
    ),
    StaleRule: (
        N_("Nothing was saved"),
        N_("Somebody else changed this rule first. Open it again to see how it is now."),
    ),
    errors.FiguresChanged: (
        N_("Nothing was saved"),
        N_("The figures were counted again meanwhile. Look at them once more."),
    ),
    errors.SelectionChanged: (N_("Nothing was changed"), N_("Somebody else decided these comments meanwhile.")),
    errors.MoveNotAllowed: (
        N_("Nothing was changed"),
        N_("The comment’s state no longer allows this. Open it again to see how it is now."),
    ),
    appeal_errors.AppealDecided: (
        N_("Nothing was changed"),
        N_("Somebody else decided that appeal, or the comment changed. Your decision was not saved."),
    ),
    errors.LoginThrottled: (N_("Too many attempts"), ""),
    errors.RateLimited: (N_("Too many requests"), ""),
    errors.NameTaken: (N_("This name is taken"), ""),
    errors.StorageNotReady: (
        N_("Gavel is not ready"),
        N_("Its database is older or newer than the program. The people who run Gavel can mend this."),
    ),
    errors.NotKept: (
        N_("Please check your entries"),
        N_("One of them is too long, or has a character that cannot be stored."),
    ),
    errors.NotAuthenticated: (N_("Please log in"), N_("Your session has ended.")),
}
"""Heading and sentence of the errors that a moderator can meet. An empty sentence leaves the error's own."""
BY_STATUS: Mapping[HTTPStatus, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: (N_("Your browser sent something that Gavel cannot read"), N_("Go back and try again.")),
    HTTPStatus.NOT_FOUND: (N_("We can’t find that page"), N_("Check the address, or start from the queue.")),
    HTTPStatus.METHOD_NOT_ALLOWED: (N_("This address is not a page"), N_("Start from the queue.")),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        N_("That was too much at once"),
        N_("Choose fewer comments, or shorten your text."),
    ),
    HTTPStatus.REQUEST_URI_TOO_LONG: (N_("That was too much at once"), N_("Choose fewer comments.")),
}


def title_and_detail(error: GavelError) -> tuple[str, str]:
    """The heading and the sentences of the page that says no."""
    if isinstance(error, NotFound):
        detail = gettext(EXPIRED, days=INVITATION_DAYS) if error.kind == "invitation" else gettext(ELSEWHERE)
        return gettext(NOT_FOUND.get(error.kind, N_("We can’t find that"))), detail
    if isinstance(error, NotAllowed):
        return gettext("You can’t do this"), said_of(error)
    if isinstance(error, InvalidInput):
        return gettext("Please check your entries"), " ".join(in_words(problem) for problem in error.problems)
    known = next((TITLES[cls] for cls in type(error).__mro__ if cls in TITLES), None)
    heading, sentences = known or (UNKNOWN, "")
    return gettext(heading), gettext(sentences) if sentences else said_of(error)


def of_status(status: HTTPStatus) -> tuple[str, str]:
    """The heading and the sentence for an error of the framework."""
    heading, detail = BY_STATUS.get(status, (UNKNOWN, N_("Go back and try again.")))
    return gettext(heading), gettext(detail)


def in_words(problem: FieldProblem) -> str:
    """A sentence: some problems are one already, others say what the field is or must be."""
    message = translated(problem.message)
    if problem.message.startswith(PREDICATES):
        return sentence(f"{gettext(FIELDS.get(problem.field, problem.field.replace('_', ' ')))} {message}")
    return sentence(message)


def said_of(error: GavelError) -> str:
    """The error's own sentence, in the reader's language if a catalogue has it."""
    return translated(error.args[0]) if error.args else ""


def translated(message: str) -> str:
    """A sentence of the core, with those inside it. An empty one stays empty."""
    if isinstance(message, Said):
        return gettext(message.pattern, **{name: _value(of) for name, of in message.values.items()})
    return gettext(message) if message else ""


def _value(value: object) -> object:
    if isinstance(value, Said):
        return translated(value)
    return numbers.exactly(value) if isinstance(value, float) else value
