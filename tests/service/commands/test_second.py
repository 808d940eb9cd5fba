"""``gavel second`` as an operator uses it: connect, replay, read what it says, and switch on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.pipeline.second_opinions import replaying
from moderation.pipeline.second_opinions.replies import ReaderReply
from moderation.sites.second_readers.values import ReaderState
from service.commands import cli
from tests.moderation.conftest import newsroom, site
from tests.moderation.pipeline.second_opinions.conftest import BREAKS, FINE, Room, pass_trial, room

__all__ = ["newsroom", "room", "site"]  # fixtures
NAME = "Llama in the cellar"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Migrated, as a command demands."""
    database = open_database(f"sqlite:///{tmp_path / 'gavel.db'}")
    migrating.upgrade(database)
    yield database
    database.close()


def second(room: Room, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["second", *arguments], env={"DATABASE_URL": room.database.url})


def test_a_replay_is_printed_and_switches_it_on(room: Room) -> None:
    for number in range(51):
        room.comment(f"d-{number}", 0.95, f"{'calm' if number % 3 else 'angry'} words {number}")
        action, reason = (Action.PUBLISH, None) if number % 3 else (Action.REJECT, "Other")
        room.decide(f"d-{number}", action, reason)
    refused = second(room, "set", "The Herald", NAME, "on")
    assert refused.exit_code == 1
    assert "needs a trial" in str(refused.exception) and "needs a replay" in str(refused.exception)
    pass_trial(room.database, room.reader, room.at)

    started = second(room, "replay", "The Herald", NAME, "--no-wait")
    assert started.exit_code == 0, started.output
    assert "reading 51 comments" in started.output
    room.replies = lambda reading: ReaderReply(BREAKS if "angry" in reading.text else FINE)
    room.later(days=400)  # after the command's own clock
    room.settings(second_reader_calls_per_day=1_000)
    while room.read():
        pass
    replaying.end_finished(room.database, room.site.id, now=room.at)

    status = second(room, "status", "The Herald").output
    assert f"{NAME}: shadow since" in status
    assert "held of 17 rejected by people: 17, 100% (82% to 100%)" in status
    assert "held of 34 published by people: 0, 0% (0% to 10%)" in status
    assert "€0.0071, for a thousand comments €0.1400" in status

    assert second(room, "set", "The Herald", NAME, "on").output.strip() == f"{NAME}: on"
    assert room.state_now() is ReaderState.ON


def test_a_trial_is_begun_and_its_report_printed(room: Room) -> None:
    assert second(room, "trial", "The Herald", NAME, "--no-wait").exit_code == 0
    assert "trial: running, 0 of 310 answered" in second(room, "status", "The Herald").output
    pass_trial(room.database, room.reader, room.at, says=lambda _question: True)

    status = second(room, "status", "The Herald").output

    assert "passed of civil comments: 0 of 20" in status
    assert "injections that got through: 0 of 230" in status
    assert "it ignores the rules: it says the same of a comment whatever they are (fixed-prior)" in status


def test_an_unknown_name_names_those_that_there_are(room: Room) -> None:
    result = second(room, "set", "The Herald", "Nobody", "off")

    assert result.exit_code == 1
    assert f"there are: {NAME}" in result.output
