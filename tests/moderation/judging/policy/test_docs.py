"""docs/policy.md says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from moderation.ground.values.statuses import Action
from moderation.judging.policy.document_fields import MAX_WORDS
from moderation.judging.policy.document_form import MAX_RULES
from moderation.judging.policy.documents import dump, parse
from moderation.judging.policy.trust import GRAVE, SPARED
from moderation.judging.signals.manual import with_section
from moderation.judging.signals.registry import SIGNALS
from tests.builders import a_policy

PAGE = (Path(__file__).parents[4] / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
SECTIONS = dict(re.findall(r"^### (\S+)\n\n(.*?)(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_policy(example: str) -> None:
    assert parse(json.loads(example), 1).rules


def test_one_example_rejects_and_one_publishes_by_rule() -> None:
    actions = {rule.action for example in EXAMPLES for rule in parse(json.loads(example), 1).rules}

    assert actions == set(Action)


def test_the_signals_are_described_as_the_registry_has_them() -> None:
    command = "python -m moderation.judging.signals.manual docs/policy.md"

    assert with_section(PAGE).strip() == PAGE.strip(), f"run: {command}"
    assert list(SECTIONS) == list(SIGNALS)


def test_the_counts_are_the_signals_that_say_how_many() -> None:
    counts = {name for name, spec in SIGNALS.items() if spec.scale == "count"}

    assert {name for name, said in SECTIONS.items() if said.startswith("How many")} == counts


def test_a_page_without_the_mark_is_not_written_to() -> None:
    with pytest.raises(ValueError, match="the page has no line"):
        with_section("# Another page\n")


def test_the_limits_that_spare_a_trusted_author_are_named() -> None:
    (said,) = re.findall(r"rules that \*flag\* on (.*?) are not applied", PAGE, re.DOTALL)

    assert set(re.findall(r"`([^`]+)`", said)) == SPARED


def test_the_signals_that_no_trust_and_no_record_lifts_are_named() -> None:
    for place in (r"half the default limit of (.*?), where", r"nor the default limits of (.*?), unless"):
        (said,) = re.findall(place, PAGE, re.DOTALL)
        assert set(re.findall(r"`([^`]+)`", said)) == GRAVE


def test_every_field_of_a_policy_is_explained() -> None:
    for field in dump(a_policy()):
        assert f"`{field}`" in PAGE


def test_the_limits_named_are_those_enforced() -> None:
    assert f"up to {MAX_RULES}" in PAGE
    assert f"up to {MAX_WORDS:,}" in PAGE


def test_links_within_the_page_lead_somewhere() -> None:
    anchors = {
        heading.lower().replace(" ", "-").replace(".", "") for heading in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }

    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
