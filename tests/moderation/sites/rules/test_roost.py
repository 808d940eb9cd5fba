"""Policies in ROOST's forms become rules: the words are kept whole, and labelled examples become cases."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.ground.errors import InvalidInput
from moderation.sites.rules import importing, roost
from moderation.sites.rules.values import Must
from tests.builders import NOON

LABELLED = """# Ferry insults

## INSTRUCTIONS
Say 0 or 1.

## DEFINITIONS
**Crew**: those who work aboard.

## VIOLATES (1)
- Insults of the crew
- "[Example]"

## SAFE (0)
- Complaints about delays

## EXAMPLES
### Example 1 (Label: 1)
**Content**: "The mate is a drunken oaf."
**Expected Response**:

### Example 2 (Label: 0)
**Content:** “The boat was late again.”
*Safe.*

Content: Throw the captain overboard!
Answer: 1
"""
CATEGORIES = """**Ticket touts (#TT)**
**GOAL:** Find touts.

**DEFINITIONS**
- **Tout**: sells above the price.

**Allowed Content (TT0 – no tout)**
- **TT0.a Question** – “Where do I buy a ticket?”
- **TT0.b Two** – “one”; “two”
  **Output:** VALID

**Tout (TT2 – certain)**
- **TT2.a Offer** – “Two for Saturday, double the price.”
  **Output:** INVALID + ESCALATE

## Label format
- "Tickets, cheap, write to me" -> `TT2`
- "Is the ferry full?" → TT0
- "Both" -> D-TT2, R-TT0
"""
LABELER = """# Criteria
## Overview
Marks gossip.
## Definition of Terms
- **Gossip**: talk about the absent.
## Definition of Labels
### (GOS) Gossip
#### Includes
- **Rumours**: talk of affairs
#### Excludes
- **News**: what a paper printed
"""


def cases(text: str) -> set[tuple[str, str]]:
    return {(case.must.value, case.text) for case in roost.from_policy(text, by="Lea", now=NOON).cases}


def test_a_policy_with_labelled_examples() -> None:
    rule = roost.from_policy(LABELLED, by="Lea", now=NOON)

    assert (rule.key, rule.name, rule.sentence, rule.reason) == ("ferry-insults", "Ferry insults", "", None)
    assert rule.guidance == LABELLED.strip()
    assert cases(LABELLED) == {
        ("held", "The mate is a drunken oaf."),
        ("pass", "The boat was late again."),
        ("held", "Throw the captain overboard!"),
    }


def test_a_policy_with_categories_and_one_output_each() -> None:
    rule = roost.from_policy(CATEGORIES, by="Lea", now=NOON)

    assert rule.name == "Ticket touts"
    assert cases(CATEGORIES) == {
        ("pass", "Where do I buy a ticket?"),
        ("held", "Two for Saturday, double the price."),
        ("held", "Tickets, cheap, write to me"),
        ("pass", "Is the ferry full?"),
    }


def test_a_labeler_is_named_by_its_label_and_has_no_cases() -> None:
    rule = roost.from_policy(LABELER, by="Lea", now=NOON)

    assert (rule.name, rule.cases) == ("Gossip", ())
    assert "what a paper printed" in rule.guidance


@pytest.mark.parametrize("text", [LABELLED, CATEGORIES, LABELER])
def test_it_is_told_from_a_rule_book(text: str) -> None:
    assert importing.read(text, by="Lea", now=NOON).is_policy
    assert not importing.read("## Be kind\n> Be kind.\n### Must be held\n- Fool", by="Lea", now=NOON).is_policy
    assert not importing.read("## Overview {#overview}\n> Be kind.", by="Lea", now=NOON).is_policy


def test_policies_of_coop() -> None:
    form = {"policies": [
        {"name": "Violence", "parentId": None, "policyText": "No threats.", "enforcementGuidelines": "Hold."},
        {"id": "p2", "name": "Violence", "parentId": "p1"},
    ]}  # fmt: skip

    rules = roost.from_policies(form)

    assert [(rule.key, rule.name, rule.guidance) for rule in rules] == [
        ("violence", "Violence", "No threats.\n\nHold."), ("violence-2", "Violence", ""),
    ]  # fmt: skip
    assert roost.from_policies(form["policies"]) == rules
    assert roost.from_policies(form["policies"][0]) == rules[:1]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"policies": []}, "policies"),
        ([{"id": "1"}], "policies.0.name"),
        ([{"name": 1}], "policies.0.name"),
        ([{"name": "a", "text": "b"}], "policies.0.text"),
        ([3], "policies.0"),
        ({"name": "a", "policyText": 3}, "policy.policyText"),
    ],
)
def test_a_wrong_field_of_a_policy_is_named(form: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        roost.from_policies(form)

    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_policy_without_a_name_is_refused() -> None:
    with pytest.raises(InvalidInput, match="line 1"):
        roost.from_policy("## Instructions\nSay 0.", by="Lea", now=NOON)


def test_text_without_a_label_stays_in_the_words_alone() -> None:
    assert {must for must, _ in cases('# A\n## Goal\n- "Loose text"\n')} == set()
    assert cases('# A\n## Violates\n- "All of it"\n- "Half" of it\n') == {(Must.HELD, "All of it")}
