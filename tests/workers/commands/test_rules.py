"""``gavel rules test`` at a terminal, with the real models: exit status 3 if a rule comes off worse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from moderation.ground.database.engine import new_id
from moderation.sites import rows as sites
from moderation.sites.rules import writing as rule_book
from moderation.sites.rules.values import HouseRule, Must, RuleCase
from tests.builders import NOON, OPERATOR
from tests.workers.commands.houses import House, opened
from workers.commands.rules import testing as command
from workers.commands.rules.testing import WORSE
from workers.machine.queue_server import QueueServer
from workers.scoring.scorer import Scorer

HELD = ("You are a stupid, pathetic idiot.", "Shut up, you worthless moron.", "What a disgusting, filthy liar you are.")
SITES = ("The Herald", "The Courier")
PASS = ("The tram will need a second track.", "I disagree with the mayor on the budget.", "Thank you for this report.")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, redis_server: QueueServer) -> Iterator[House]:
    with opened("rules", tmp_path_factory.mktemp("rules"), redis_server.url) as house:
        rule = HouseRule("insults", "No insults", "Be kind.", reason="Insult or abuse")
        rule_book.put_rule(house.database, house.site.id, rule, by=OPERATOR, now=NOON)
        rule_book.put_rule(house.database, house.site.id, HouseRule("spam", "No ads", "No ads."), by=OPERATOR, now=NOON)
        for must, texts in ((Must.HELD, HELD), (Must.PASS, PASS)):
            for text in texts:
                case = RuleCase(new_id(), text, must, NOON, "Lea")
                rule_book.add_case(house.database, house.site.id, "insults", case, by=OPERATOR, now=NOON)
        yield house


@pytest.fixture(autouse=True)
def loaded(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The models that the other tests have loaded."""
    monkeypatch.setattr(command, "_scorer", lambda *_settings: scorer)


def a_file(house: House, folder: Path, toxicity: float) -> str:
    """The policy in force, with another limit of toxicity and without the other rules on words."""
    with house.database.read() as conn:
        document = dict(sites.current_policy(conn, house.site.id).document)
    document["rules"] = [{"signal": "toxicity", "at_least": toxicity, "action": "flag", "label": "Toxicity"}]
    path = folder / "policy.json"
    path.write_text(json.dumps(document))
    return str(path)


def test_without_a_change_the_cases_are_tried_on_the_policy_in_force(house: House) -> None:
    result = house.run("test", "The Herald")

    assert result.exit_code == 0, result.output
    assert "right 6 -> 6 of 6" in result.output
    assert "not tried: spam" in result.output


def test_a_harmful_edit_ends_with_its_own_status_and_names_the_cases(house: House, tmp_path: Path) -> None:
    result = house.run("test", "The Herald", "--policy", a_file(house, tmp_path, 1.0))

    assert result.exit_code == WORSE, result.output
    assert "WORSE" in result.output
    assert f"must be held: {HELD[0]}" in result.output


def test_a_harmless_edit_ends_well_and_as_json(house: House, tmp_path: Path) -> None:
    result = house.run("test", "The Herald", "--policy", a_file(house, tmp_path, 0.8), "--json")

    form = json.loads(result.output)
    assert result.exit_code == 0
    assert form["worse"] is False
    assert [(o["rule"], o["texts"], o["right_after"]) for o in form["outcomes"]] == [("insults", 6, 6)]
    assert form["not_tried"] == ["spam"]


def test_other_models_are_tried_too(house: House) -> None:
    result = house.run("test", "The Herald", "--house-version", "0")

    assert result.exit_code == 0, result.output
    assert "right 6 -> 6 of 6" in result.output


@pytest.mark.parametrize(
    ("content", "said"), [("{", "is no JSON"), ('{"rules": 3, "required": []}', "is no policy: rules")]
)
def test_a_file_that_is_no_policy_is_refused_by_its_option(
    house: House, tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "policy.json"
    path.write_text(content)

    result = house.run("test", "The Herald", "--policy", str(path))

    assert result.exit_code == 2
    assert "--policy" in result.output
    assert said in result.output


def test_a_book_goes_out_and_comes_in_at_another_site(house: House, tmp_path: Path) -> None:
    path = tmp_path / "rules.md"

    out = house.run("export", "The Herald", "--out", str(path))
    dry = house.run("import", "The Courier", str(path), "--dry-run")
    refused = house.run("import", "The Courier", str(path))
    saved = house.run("import", "The Courier", str(path), "--yes")
    again = house.run("import", "The Courier", str(path))

    assert (out.exit_code, dry.exit_code, refused.exit_code, saved.exit_code, again.exit_code) == (0, 0, 1, 0, 0)
    assert "new rule insults: No insults" in dry.output
    assert f"new case, must be held: {HELD[0]}" in dry.output
    assert "Save this as version 1?" in refused.output
    assert "Saved as version 1" in saved.output
    assert "says all of this already" in again.output
    ours, theirs = (json.loads(house.run("export", name, "--format", "json").output) for name in SITES)
    assert theirs["digest"] == ours["digest"]
    assert theirs["rules"] == ours["rules"]


def test_a_file_that_is_no_rule_book_is_named_with_its_line(house: House, tmp_path: Path) -> None:
    path = tmp_path / "rules.md"
    path.write_text("## Be kind\n#### Deeper\n")

    result = house.run("import", "The Herald", str(path), "--yes")

    assert result.exit_code == 2
    assert "rules.md: line 2" in result.output
