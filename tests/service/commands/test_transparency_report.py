"""``gavel transparency-report`` as an operator uses it: CSV, and a page for readers in four languages."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from moderation.ground.database.engine import Database
from moderation.law.transparency_report.table import COLUMNS
from moderation.spine.comments.tables import comments
from service.commands import cli
from service.desk.transparency_report import wording
from tests.moderation.law.statements.test_exporting import TODAY, TOMORROW
from tests.service.commands.test_statements import old

__all__ = ["old"]

TITLES = {
    "en": "How The Herald moderates its comments",
    "de": "Wie The Herald Kommentare moderiert",
    "fr": "Comment The Herald modère ses commentaires",
    "es": "Cómo modera The Herald sus comentarios",
}


def report(old: Database, *options: str, first: object = TODAY, last: object = TOMORROW) -> Result:
    days = ["--from", str(first), "--to", str(last)]
    return run("transparency-report", old, *days, *options)


def run(command: str, old: Database, *options: str) -> Result:
    return CliRunner().invoke(cli, [command, "--site", "The Herald", *options], env={"DATABASE_URL": old.url})


def test_the_report_is_printed_or_written(old: Database, tmp_path: Path) -> None:
    file = tmp_path / "transparency-report.csv"

    printed, written = report(old), report(old, "--csv", str(file))

    assert (printed.exit_code, written.exit_code) == (0, 0)
    assert printed.stdout.splitlines() == file.read_text(encoding="utf-8").splitlines()
    assert file.read_bytes().count(b"\r\n") == len(printed.stdout.splitlines())  # RFC 4180
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode())))
    assert tuple(rows[0]) == COLUMNS
    assert ["own_initiative", "measures", "all", "all", "1", "", "", "SOURCE_VOLUNTARY"] in rows


def test_the_former_name_goes_on_for_a_release(old: Database) -> None:
    days = ["--from", str(TODAY), "--to", str(TOMORROW)]

    former = run("report", old, *days)

    assert former.stdout == report(old).stdout
    assert "report is called transparency-report now" in former.stderr


def test_no_cell_is_a_formula(old: Database) -> None:
    """A language is two signs of an old database's row."""
    with old.write() as conn:
        conn.execute(sa.update(comments).values(language="=1"))

    rows = list(csv.reader(io.StringIO(report(old).stdout)))

    assert ["own_initiative", "language", "all", "'=1", "1", "", "", "SOURCE_VOLUNTARY"] in rows


@pytest.mark.parametrize("language", TITLES)
def test_the_page_for_readers_speaks_their_language(old: Database, tmp_path: Path, language: str) -> None:
    file = tmp_path / "transparency-report.html"

    assert report(old, "--html", str(file), "--csv", str(tmp_path / "csv"), "--language", language).exit_code == 0

    text = file.read_text(encoding="utf-8")
    assert f'<html lang="{language}"' in text and TITLES[language] in text
    english = {*wording.PARTS.values(), *wording.INDICATORS.values()}
    assert language == "en" or not any(f">{words}<" in text for words in english)


def test_days_that_make_no_sense_are_refused(old: Database) -> None:
    backwards, too_long = report(old, first="2026-02-01", last="2026-01-31"), report(old, first="2024-01-01")

    assert (backwards.exit_code, too_long.exit_code != 0) == (2, True)
    assert "--to" in backwards.output
    assert "to: must be 0 to 365 days" in f"{too_long.output}{too_long.exception}"
