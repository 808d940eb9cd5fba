"""Answers to the test of the rule book: the first one of each person and case counts, and only while the case is in the
book."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import NotFound
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.rows import Site
from moderation.sites.rules import answer_rows, training, writing
from moderation.sites.rules.training import PersonsScore
from moderation.sites.rules.values import Must, RuleBook
from tests.builders import NOON, OPERATOR
from tests.moderation.sites.rules.test_rule_book import a_case, a_rule, add, put

LATER = NOON + timedelta(hours=1)


def a_book(database: Database, site: Site) -> RuleBook:
    put(database, site, a_rule())
    add(database, site, a_case("You fool"))
    return add(database, site, a_case("Well said", Must.PASS))


def a_person(database: Database, site: Site, name: str) -> str:
    email, roles = f"{name}@paper.example", {site.id: Role.MODERATOR}
    return moderators.create_moderator(
        database, email=email, name=name, password_hash="x", roles=roles, by=OPERATOR, now=NOON
    )


def scores(database: Database, site: Site) -> list[PersonsScore]:
    with database.read() as conn:
        given = answer_rows.of_site(conn, site.id)
    return training.of_people(writing.rule_book(database, site.id), given)


def test_the_first_answer_counts_and_each_person_has_their_own(database: Database, site: Site) -> None:
    held, passing = a_book(database, site).rules[0].cases
    ana, ben = (a_person(database, site, name) for name in ("Ana", "Ben"))

    training.answer(database, site.id, ana, held.id, Must.HELD, now=NOON)
    training.answer(database, site.id, ana, held.id, Must.PASS, now=LATER)
    training.answer(database, site.id, ana, passing.id, Must.HELD, now=LATER)
    training.answer(database, site.id, ben, passing.id, Must.PASS, now=NOON)

    assert scores(database, site) == [PersonsScore("Ana", 2, 1, LATER), PersonsScore("Ben", 1, 1, NOON)]
    training.begin_again(database, site.id, ana)
    assert [score.name for score in scores(database, site)] == ["Ben"]


def test_a_case_that_left_the_book_counts_no_more_and_takes_no_answer(database: Database, site: Site) -> None:
    held, _passing = a_book(database, site).rules[0].cases
    ana = a_person(database, site, "Ana")
    training.answer(database, site.id, ana, held.id, Must.HELD, now=NOON)

    writing.remove_case(database, site.id, held.id, by=OPERATOR, now=LATER)

    assert scores(database, site) == []
    for case_id in (held.id, new_id()):
        with pytest.raises(NotFound):
            training.answer(database, site.id, ana, case_id, Must.HELD, now=LATER)


def test_each_person_has_an_order_of_their_own(database: Database, site: Site) -> None:
    book = a_book(database, site)
    many = replace(book.rules[0], cases=tuple(a_case(f"text {number}") for number in range(20)))
    book = book.with_rule(many)

    first = {case.text for number in range(20) if (case := training.rule_test(book, {}, str(number)).case)}

    assert len(first) > 5
