"""docs/policy.md says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from moderation.model import Action
from moderation.policy.documents import MAX_RULES, MAX_WORDS, dump, parse
from moderation.signals.registry import SIGNALS
from tests.builders import a_policy

PAGE = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
SECTIONS = dict(re.findall(r"^### (\S+)\n\n(.*?)(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_policy(example: str) -> None:
    assert parse(json.loads(example), 1).rules


def test_one_example_rejects_and_one_publishes_by_rule() -> None:
    actions = {rule.action for example in EXAMPLES for rule in parse(json.loads(example), 1).rules}

    assert actions == set(Action)


def test_every_signal_has_a_heading_and_no_heading_is_left_over() -> None:
    assert list(SECTIONS) == list(SIGNALS)


@pytest.mark.parametrize("name", SIGNALS)
def test_what_the_page_says_of_a_signal_is_what_the_code_says(name: str) -> None:
    spec = SIGNALS[name]
    text = " ".join(SECTIONS[name].split())

    assert spec.meaning.rstrip(".") in text
    if name != "language.supported":
        assert text.lower().startswith(spec.scale)
        assert f"worse when {spec.worse}" in text.replace("*", "")


def test_every_field_of_a_policy_is_explained() -> None:
    for field in dump(a_policy()):
        assert f"`{field}`" in PAGE


def test_the_limits_named_are_those_enforced() -> None:
    assert f"up to {MAX_RULES}" in PAGE
    assert f"up to {MAX_WORDS:,}" in PAGE


def test_links_within_the_page_lead_somewhere() -> None:
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)}

    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
