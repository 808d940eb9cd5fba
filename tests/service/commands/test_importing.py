"""``gavel import`` as an operator uses it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moderation.ground.database.engine import Database
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites.rows import Site
from moderation.spine.comments.rows import get_listed
from service.commands import cli
from tests.moderation.conftest import add_site
from tests.moderation.operations.importing import files

Run = Callable[..., Result]


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(f"sqlite:///{tmp_path / 'gavel.db'}")) as database:
        migrating.upgrade(database)
        yield database


@pytest.fixture
def site(old: Database) -> Site:
    with old.write() as conn:
        return add_site(conn, "The Herald")


@pytest.fixture
def run(old: Database, site: Site, tmp_path: Path) -> Run:
    def runs(name: str, text: str, *arguments: str) -> Result:
        (tmp_path / name).write_text(text)
        command = ["import", str(tmp_path / name), "--site", site.name, *arguments]
        return CliRunner().invoke(cli, command, env={"DATABASE_URL": old.url})

    return runs


def test_a_wordpress_export_comes_in(run: Run, old: Database, site: Site) -> None:
    answer = run("export.xml", files.WORDPRESS)

    assert answer.exit_code == 1  # one comment has a status that nobody knows
    assert "4 comments came in, 0 were there already." in answer.output
    assert "Read: 2 published, 2 rejected, posted from 2020-02-01 to 2020-02-01." in answer.output
    assert "Left out: 1 trackback." in answer.output
    assert "comment 18 of '5': status should be" in answer.output
    with old.read() as conn:
        listed = get_listed(conn, site.id, "12")
    assert listed.parent_external_id == "11"


def test_the_report_counts_each_oddity_and_names_where_it_was(run: Run, old: Database, site: Site) -> None:
    answer = run("export.xml", files.WORDPRESS_ODDITIES.decode(errors="replace"))

    assert "10 comments came in, 0 were there already." in answer.output
    assert (
        "Of these, 2 in the trash with their article, now with the status from before: "
        "comment 21 of '5', comment 23 of '5'." in answer.output
    )
    assert "Of these, 3 with control characters, which were taken out: comment 24 of '5', " in answer.output
    assert "Left out: 1 in the trash with their article." in answer.output
    with old.read() as conn:
        first, second = (get_listed(conn, site.id, name).author_external_id for name in ("28", "29"))
    assert first != second


def test_a_long_list_of_places_ends_with_others(run: Run) -> None:
    picks = [{**json.loads(files.CORAL_PICKS[0]), "id": f"p-{number}"} for number in range(6)]

    answer = run("comments.json", json.dumps(picks))

    assert "Of these, 6 featured in Coral, now editor's picks: object 1, " in answer.output
    assert "object 5 and others." in answer.output
    report = json.loads(run("comments.json", json.dumps(picks), "--json").stdout)
    assert report["noted"] == {"featured in Coral, now editor's picks": 6}


def test_what_comes_before_the_place_where_a_file_breaks_off_is_stored(run: Run, old: Database, site: Site) -> None:
    answer = run("export.xml", files.DISQUS.partition('<post dsq:id="9003">')[0] + "<post><<")

    assert answer.exit_code == 1
    assert "2 comments came in, 0 were there already." in answer.output
    assert "Error: the file is not XML: " in answer.output
    with old.read() as conn:
        assert get_listed(conn, site.id, "9002").parent_external_id == "9001"


def test_the_same_guest_is_the_same_author_and_no_address_is_kept(run: Run, old: Database, site: Site) -> None:
    run("export.xml", files.WORDPRESS)

    with old.read() as conn:
        first, spam = (get_listed(conn, site.id, name).author_external_id for name in ("11", "13"))
    assert first == spam
    assert first.startswith("guest:") and "mail" not in first.lower()


def test_a_second_run_changes_nothing(run: Run) -> None:
    run("comments.json", files.CORAL)

    assert "0 comments came in, 3 were there already." in run("comments.json", files.CORAL).output


def test_a_dry_run_says_what_would_come_in(run: Run) -> None:
    answer = run("x.csv", files.CSV, *_csv_options(), "--dry-run", "--json")

    report = json.loads(answer.stdout)
    assert (report["new"], report["bad"], report["dry_run"]) == (2, 2, True)
    assert report["skipped"] == {"status 'pending'": 1}
    again = run("x.csv", files.CSV, *_csv_options())
    assert "2 comments came in" in again.output


@pytest.mark.parametrize(
    ("name", "text", "options", "words"),
    [
        ("x.txt", "hello", (), "--format"),
        ("x.csv", "id,text\n", (), "no column 'article_id'"),
        ("x.csv", "id,text\n", ("--map", "text"), "not of the form name=value"),
        ("x.xml", '<disqus xmlns="http://disqus.com"><thread>', (), "the file is not XML"),
        ("x.json", files.CORAL, ("--users", "missing.json"), "missing.json"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    run: Run, name: str, text: str, options: tuple[str, ...], words: str
) -> None:
    answer = run(name, text, *options)

    assert answer.exit_code in (1, 2)
    assert words in answer.output
    assert "Traceback" not in answer.output


def _csv_options() -> list[str]:
    maps = [f"--map={field}={column}" for field, column in files.CSV_COLUMNS.items()]
    return maps + [f"--status={theirs}={ours}" for theirs, ours in files.CSV_STATUSES.items()]
