"""The test of the rule book as training: a moderator says of each case whether it must be held, without seeing the
right answer, and then learns rule by rule how many they got right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.sites.rules import answer_rows as answers
from moderation.sites.rules import rows as rule_books
from moderation.sites.rules.answer_rows import GivenAnswer
from moderation.sites.rules.values import HouseRule, Must, RuleBook, RuleCase


@dataclass(frozen=True, slots=True)
class RuleScore:
    """One rule's cases: how many the moderator has answered, and how many of them rightly."""

    rule: HouseRule
    answered: int
    right: int


@dataclass(frozen=True, slots=True)
class PersonsScore:
    name: str
    answered: int
    right: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class RuleTest:
    """How far one moderator is. ``case`` is the next one, and None at the end."""

    cases: int
    case: RuleCase | None
    scores: tuple[RuleScore, ...]

    @property
    def answered(self) -> int:
        return sum(score.answered for score in self.scores)


def rule_test(book: RuleBook, said: Mapping[str, Must], moderator_id: str) -> RuleTest:
    """The cases come in an order of the moderator's own, mixed across the rules, so that no neighbour helps."""
    cases = sorted(_cases(book), key=lambda case: hashlib.sha256(f"{moderator_id} {case.id}".encode()).digest())
    scores = (RuleScore(rule, *_count(rule.cases, said)) for rule in book.rules if rule.cases)
    return RuleTest(len(cases), next((case for case in cases if case.id not in said), None), tuple(scores))


def answer(db: Database, site_id: str, moderator_id: str, case_id: str, said: Must, *, now: datetime) -> None:
    """The first answer counts. Raises NotFound for a case that the book does not have."""
    with db.write() as conn:
        if not any(case.id == case_id for case in _cases(rule_books.read(conn, site_id))):
            raise NotFound("case", case_id)
        answers.insert(conn, site_id, moderator_id, case_id, said, now=now)


def begin_again(db: Database, site_id: str, moderator_id: str) -> None:
    with db.write() as conn:
        answers.forget(conn, site_id, moderator_id)


def of_people(book: RuleBook, given: Iterable[GivenAnswer]) -> list[PersonsScore]:
    """``given`` comes person by person. Answers to cases that the book has no more do not count."""
    cases = _cases(book)
    scores = []
    for _person, theirs in groupby(given, key=lambda answer: answer.moderator_id):
        own = list(theirs)
        answered, right = _count(cases, {answer.case_id: answer.said for answer in own})
        if answered:
            scores.append(PersonsScore(own[0].name, answered, right, max(answer.answered_at for answer in own)))
    return scores


def _cases(book: RuleBook) -> list[RuleCase]:
    return [case for rule in book.rules for case in rule.cases]


def _count(cases: Iterable[RuleCase], said: Mapping[str, Must]) -> tuple[int, int]:
    answered = [case for case in cases if case.id in said]
    return len(answered), sum(said[case.id] is case.must for case in answered)
