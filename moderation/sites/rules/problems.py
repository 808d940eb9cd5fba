"""Checks of a rule book before it is saved. Each problem names its field, by the key of its rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.sites.rules.values import HouseRule, RuleBook, RuleCase

MOST_RULES = 40
MOST_CASES = 200  # of a rule
MOST_KEY, MOST_NAME, MOST_SENTENCE, MOST_GUIDANCE = 40, 80, 400, 20_000
MOST_TEXT, MOST_TITLE, MOST_WHY, MOST_ADDED_BY = 5_000, 300, 500, 254

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check(book: RuleBook, before: RuleBook, reasons: Collection[str]) -> None:
    """``reasons`` are those that the site has. Words and cases that were in the book before are not asked again: a
    rule keeps a reason that the site gave up until somebody changes its words. Raises InvalidInput."""
    known = {case.id for rule in before.rules for case in rule.cases}
    problems = list(_of_book(book))
    for rule in book.rules:
        old = before.find(rule.key)
        if old is None or old.words != rule.words:
            problems += _of_words(rule, reasons)
        if len(rule.cases) > MOST_CASES:
            problems.append(_problem(rule, "cases", said("must be at most %(most)s", most=MOST_CASES)))
        for place, case in enumerate(rule.cases):
            if case.id not in known:
                problems += _of_case(rule, place, case)
    if problems:
        raise InvalidInput(*problems)


def _of_book(book: RuleBook) -> Iterator[FieldProblem]:
    if len(book.rules) > MOST_RULES:
        yield FieldProblem("rules", said("must be at most %(most)s", most=MOST_RULES))
    counts = Counter(rule.key for rule in book.rules)
    yield from (FieldProblem("rules", said("have the key %(key)s twice", key=key)) for key in counts if counts[key] > 1)
    names = Counter(rule.name.casefold() for rule in book.rules)
    for rule in book.rules:
        if names[rule.name.casefold()] > 1:
            yield _problem(rule, "name", said("is the name of another rule, too"))


def _of_words(rule: HouseRule, reasons: Collection[str]) -> Iterator[FieldProblem]:
    if len(rule.key) > MOST_KEY or not _KEY.fullmatch(rule.key):
        message = said("must have small letters, digits and hyphens only, at most %(most)s", most=MOST_KEY)
        yield _problem(rule, "key", message)
    for field, text, most in (("name", rule.name, MOST_NAME), ("sentence", rule.sentence, MOST_SENTENCE)):
        if "\n" in text:
            yield _problem(rule, field, said("must be one line"))
        yield from _of_text(rule, field, text, most, fewest=1)
    yield from _of_text(rule, "guidance", rule.guidance, MOST_GUIDANCE)
    if rule.reason is not None and rule.reason not in reasons:
        yield _problem(rule, "reason", said("must be one of the site’s reasons for rejection"))


def _of_case(rule: HouseRule, place: int, case: RuleCase) -> Iterator[FieldProblem]:
    field = f"cases.{place}"
    yield from _of_text(rule, f"{field}.text", case.text, MOST_TEXT, fewest=1)
    yield from _of_text(rule, f"{field}.title", case.title, MOST_TITLE)
    yield from _of_text(rule, f"{field}.why", case.why, MOST_WHY)
    yield from _of_text(rule, f"{field}.added_by", case.added_by, MOST_ADDED_BY, fewest=1)
    twin = next((other for other in rule.cases[:place] if (other.text, other.title) == (case.text, case.title)), None)
    if twin is not None:
        is_same = twin.must is case.must
        yield _problem(rule, f"{field}.text", said("is a case of this rule already") if is_same else said(
            "is a case of this rule that must have the other answer"
        ))  # fmt: skip


def _of_text(rule: HouseRule, field: str, text: str, most: int, *, fewest: int = 0) -> Iterator[FieldProblem]:
    if not fewest <= len(text) <= most:
        yield _problem(rule, field, said("must have %(fewest)s to %(most)s characters", fewest=fewest, most=most))
    if _CONTROL.search(text):
        yield _problem(rule, field, said("must not contain control characters"))
    if text != text.strip():
        yield _problem(rule, field, said("must neither begin nor end with a space"))


def _problem(rule: HouseRule, field: str, message: str) -> FieldProblem:
    return FieldProblem(f"rules.{rule.key}.{field}", message)
