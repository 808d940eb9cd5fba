"""The words of the rule book's pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moderation.ground.errors import FieldProblem
from moderation.sites.rules.values import FEWEST_CASES, CaseOrigin, HouseRule, Must
from service.desk.frame.refusals import translated
from service.languages.wording import N_, gettext

MUST = {Must.HELD: N_("Must be held"), Must.PASS: N_("Must pass")}
ORIGINS = {
    CaseOrigin.WRITTEN: N_("Written here"),
    CaseOrigin.COMMENT: N_("From a comment"),
    CaseOrigin.APPEAL: N_("From an appeal that was granted"),
    CaseOrigin.UNDONE: N_("From a decision that was undone"),
    CaseOrigin.CHECK: N_("From a check that found an error"),
    CaseOrigin.IMPORTED: N_("From a file"),
}
FIELDS = {
    "file": N_("The file"),
    "must": N_("Such a comment"),
    "cases": N_("Cases"),
    "guidance": N_("For moderators"),
    "name": N_("Name"),
    "order": N_("Order"),
    "reason": N_("Reason"),
    "rules": N_("The rules"),
    "sentence": N_("For readers"),
    "text": N_("Text"),
    "title": N_("Title of the article"),
    "why": N_("Why"),
}


def must_words() -> Mapping[str, str]:
    return {must.value: gettext(words) for must, words in MUST.items()}


def field_words() -> Mapping[str, str]:
    return {field: gettext(words) for field, words in FIELDS.items()}


def origin_words() -> Mapping[str, str]:
    return {origin.value: gettext(words) for origin, words in ORIGINS.items()}


def readiness(rule: HouseRule) -> str:
    """How many cases it has, and how many more it needs."""
    held, passing = (len(rule.cases_that_must(must)) for must in Must)
    has = gettext("%(held)s must be held, %(passing)s must pass.", held=held, passing=passing)
    if rule.is_ready:
        return has
    lacking = sum(max(0, FEWEST_CASES - count) for count in (held, passing))
    return f"{has} {gettext('It is tried on changes once it has %(count)s more.', count=lacking)}"


def problems_in_words(problems: Iterable[FieldProblem]) -> list[str]:
    """Each with the name of its field, which is the last word of it that we know."""
    said = []
    for problem in problems:
        names = [FIELDS[part] for part in problem.field.split(".") if part in FIELDS]
        named = gettext(names[-1]) if names else problem.field
        said.append(f"{named}: {translated(problem.message)}")
    return said
