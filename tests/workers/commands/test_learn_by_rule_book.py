"""A new version of the house model that is worse by the rule book is kept and waits for a lead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from moderation.ground.database.engine import new_id
from moderation.insight.learning import rows as learning
from moderation.judging.signals.house import HOUSE
from moderation.operations.importing.storing import store
from moderation.sites import policy_versions
from moderation.sites import rows as sites
from moderation.sites.rules import writing as rule_book
from moderation.sites.rules.values import HouseRule, Must, RuleCase
from tests.builders import NOON, OPERATOR
from tests.workers.commands.houses import House, opened
from tests.workers.commands.test_learn import ARCHIVE, archived, learn
from tests.workers.learning.newsrooms import a_newsroom
from workers.commands import learn as command
from workers.commands.learn import NOTHING_LEARNT
from workers.machine.queue_server import QueueServer
from workers.scoring.scorer import Scorer

INSULTS = ("You are a stupid, pathetic idiot.", "Shut up, you worthless moron.", "You disgusting, filthy liar.")
ABOUT_THE_FERRY = ("The ferry and the timetable, once more", "The ferry and the harbour", "The timetable of the ferry")
CIVIL = ("The library and the budget", "Thank you for this report.", "I disagree with the mayor on the budget.")


@pytest.fixture
def house(
    tmp_path: Path, redis_server: QueueServer, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """Its people reject whatever names the ferry, and its policy holds what they would reject."""
    monkeypatch.setattr(command, "_loaded", lambda *_settings: scorer)
    with opened("learn", tmp_path, redis_server.url) as house:
        seen = [one.example for one in a_newsroom(ARCHIVE)]
        store(house.database, house.site.id, [archived(n, e.text, e.is_rejected, e.reason) for n, e in enumerate(seen)])
        with house.database.read() as conn:
            row = sites.current_policy(conn, house.site.id)
        rule = {"signal": HOUSE.name, "at_least": 0.5, "action": "flag", "label": "House"}
        document = {**row.document, "rules": [*row.document["rules"], rule]}
        policy_versions.replace(house.database, house.site.id, document, expected=row.version, by=OPERATOR, now=NOON)
        yield house


def write_book(house: House, passing: tuple[str, ...]) -> None:
    rule = HouseRule("insults", "No insults", "Be kind.", reason="Insult or abuse")
    rule_book.put_rule(house.database, house.site.id, rule, by=OPERATOR, now=NOON)
    for must, texts in ((Must.HELD, INSULTS), (Must.PASS, passing)):
        for text in texts:
            case = RuleCase(new_id(), text, must, NOON, "Lea")
            rule_book.add_case(house.database, house.site.id, "insults", case, by=OPERATOR, now=NOON)


def in_use(house: House) -> int | None:
    with house.database.read() as conn:
        return learning.current_version(conn, house.site.id, HOUSE.name)


def test_a_version_that_holds_what_must_pass_waits_for_a_lead(house: House) -> None:
    write_book(house, ABOUT_THE_FERRY)

    learnt = learn(house)

    assert learnt.exit_code == NOTHING_LEARNT, learnt.output
    assert "Version 1 was kept and is not offered: by the rule book it is worse on No insults" in learnt.output
    assert "(3 of 6 right, now 6)" in learnt.output
    assert in_use(house) is None
    used = house.run("use", "The Herald", "--version", "1")
    assert (used.exit_code, in_use(house)) == (0, 1)


def test_a_version_that_the_cases_agree_with_is_put_into_use(house: House) -> None:
    write_book(house, CIVIL)

    learnt = learn(house)

    assert learnt.exit_code == 0, learnt.output
    assert in_use(house) == 1


def test_a_dry_run_names_the_objection_and_keeps_nothing(house: House) -> None:
    write_book(house, ABOUT_THE_FERRY)

    learnt = learn(house, "--dry-run")

    assert "worse on No insults" in learnt.output
    with house.database.read() as conn:
        assert learning.latest_version(conn, house.site.id, HOUSE.name) == 0
