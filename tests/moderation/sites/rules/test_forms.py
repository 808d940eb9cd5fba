"""A rule book that goes out as JSON and is read again says the same; a wrong field is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from moderation.ground.errors import InvalidInput
from moderation.sites.rules import forms
from moderation.sites.rules.values import CaseOrigin, HouseRule, Must, RuleBook, RuleCase
from tests.builders import NOON

CASE = RuleCase("1", "You fool,\nall of you", Must.HELD, NOON, "Ana", "Ferry", CaseOrigin.APPEAL, "Overturned", "c-1")
BOOK = RuleBook("site-a", 3, (HouseRule("insults", "No insults", "Be kind.", "More.", "Other", (CASE,)),))


def a_form(**changes: Any) -> dict[str, Any]:
    form: dict[str, Any] = json.loads(json.dumps(forms.to_form(BOOK)))
    return {**form, **changes}


def a_rule(**changes: Any) -> dict[str, Any]:
    return a_form(rules=[{**a_form()["rules"][0], **changes}])


def a_case(**changes: Any) -> dict[str, Any]:
    return a_rule(cases=[{**a_form()["rules"][0]["cases"][0], **changes}])


def without(form: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in form.items() if key != name}


def test_it_says_where_each_case_comes_from_and_not_of_which_comment() -> None:
    (case,) = a_form()["rules"][0]["cases"]

    assert (case["origin"], case["added_by"], case["added_at"]) == ("appeal", "Ana", NOON.isoformat())
    assert "c-1" not in json.dumps(a_form())


def test_a_book_that_is_read_again_says_the_same() -> None:
    rules = forms.from_form(a_form(), by="Lea", now=NOON)

    assert forms.to_form(RuleBook("site-b", 3, rules)) == a_form()


def test_a_program_writes_only_what_it_knows() -> None:
    form = {"format": "gavel-rules-1", "rules": [{"key": "spam", "name": "No ads", "sentence": "No ads.", "cases": [
        {"must": "pass", "text": "Fine"},
    ]}]}  # fmt: skip

    (rule,) = forms.from_form(form, by="Lea", now=NOON)

    assert (rule.guidance, rule.reason) == ("", None)
    assert [(c.added_by, c.added_at, c.origin) for c in rule.cases] == [("Lea", NOON, CaseOrigin.IMPORTED)]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (7, "file"),
        (without(a_form(), "format"), "format"),
        (a_form(format="gavel-rules-2"), "format"),
        (a_form(rules={}), "rules"),
        (a_form(rules=[]), "rules"),
        (a_form(rulez=[]), "rulez"),
        (a_form(rules=[3]), "rules.0"),
        (a_rule(key=3), "rules.0.key"),
        (a_rule(nmae="x"), "rules.0.nmae"),
        (a_rule(cases="x"), "rules.0.cases"),
        (a_case(must="maybe"), "rules.0.cases.0.must"),
        (a_case(must=["held"]), "rules.0.cases.0.must"),
        (a_case(origin="dream"), "rules.0.cases.0.origin"),
        (a_case(added_at="yesterday"), "rules.0.cases.0.added_at"),
        (a_case(added_at="2026-03-01T12:00:00"), "rules.0.cases.0.added_at"),
        (a_case(text=None), "rules.0.cases.0.text"),
    ],
)
def test_a_wrong_field_is_named(form: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        forms.from_form(form, by="Lea", now=NOON)

    assert [problem.field for problem in refused.value.problems] == [field]
