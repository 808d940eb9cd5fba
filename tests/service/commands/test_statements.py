"""``gavel statements export`` as an operator uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.statuses import Action
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from service.commands import cli
from tests.moderation.conftest import Newsroom, add_site
from tests.moderation.law.statements.test_exporting import TODAY, TOMORROW, settled
from tests.moderation.law.statements.transparency_rules import problems


@pytest.fixture
def old(tmp_path: Path, queues: Queues) -> Iterator[Database]:
    """A site with one rejected comment."""
    with closing(open_database(f"sqlite:///{tmp_path / 'gavel.db'}")) as database:
        migrating.upgrade(database)
        with database.write() as conn:
            site = add_site(conn, "The Herald")
        Newsroom(database, queues, site).post(id="c-1", language="de")
        settled(database, site.id, "c-1", Action.REJECT, "insult")
        yield database


def export(old: Database, file: Path, first: object = TODAY, last: object = TOMORROW) -> Result:
    days = ["--from", str(first), "--to", str(last)]
    command = ["statements", "export", "--site", "The Herald", *days, "--file", str(file)]
    return CliRunner().invoke(cli, command, env={"DATABASE_URL": old.url})


def test_the_statements_of_a_day_go_to_a_file_once(old: Database, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"

    first, again = export(old, file), export(old, file)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert f"1 statements added to {file}, 0 were there" in first.output
    assert f"0 statements added to {file}, 1 were there" in again.output
    (line,) = file.read_text().splitlines()
    assert list(problems(json.loads(line))) == []


@pytest.mark.parametrize(("first", "last"), [("2026-02-01", "2026-01-31"), ("yesterday", "2026-01-31")])
def test_days_that_make_no_sense_are_refused(old: Database, tmp_path: Path, first: str, last: str) -> None:
    answer = export(old, tmp_path / "out.jsonl", first, last)

    assert answer.exit_code == 2
    assert "--to" in answer.output or "--from" in answer.output
    assert not (tmp_path / "out.jsonl").exists()
