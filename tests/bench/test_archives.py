"""The benches of archives import by the command, and judge all models on the same comments."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.learning.house import by_size
from bench.learning.importing import bring_in, write_archive
from moderation.ground.database.engine import Database
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from tests.moderation.conftest import add_site
from tests.workers.learning.newsrooms import a_newsroom


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """As the command finds it: with its revision."""
    made = open_database(f"sqlite:///{tmp_path / 'gavel.db'}")
    migrating.upgrade(made)
    yield made
    made.close()


def test_an_archive_comes_in_whole_and_the_process_is_measured(database: Database, tmp_path: Path) -> None:
    with database.write() as conn:
        site = add_site(conn, "The Herald")
    write_archive(tmp_path / "archive.jsonl", 150)

    ran = bring_in(tmp_path / "archive.jsonl", site.name, database.url)

    with database.read() as conn:
        counted = conn.exec_driver_sql("SELECT count(*), count(parent_id), count(DISTINCT status) FROM comments").one()
    assert counted[0] == 150
    assert 0 < counted[1] < 150
    assert counted[2] == 2
    assert ran.peak_mib > 10
    assert ran.processor_s > 0


def test_a_command_that_fails_is_named(database: Database, tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError, match="non-zero exit status"):
        bring_in(tmp_path / "missing.jsonl", "The Herald", database.url)


def test_every_size_is_judged_on_the_same_newest_comments() -> None:
    found = by_size(a_newsroom(1_000), 0.3)

    assert list(found) == [500, 700]
    assert {report["judged"] for report in found.values()} == {300}
    assert [report["decided"] for report in found.values()] == [800, 1_000]
