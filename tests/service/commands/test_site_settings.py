"""``gavel site set`` and ``site show``: one option for each setting, made of its declaration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from moderation.ground.database.engine import Database
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import sites
from moderation.sites.settings.rejection_reasons import DEFAULT_REASONS
from service.commands import cli
from service.context import utc_now
from tests.builders import OPERATOR


@pytest.fixture(autouse=True)
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with closing(open_database(f"sqlite:///{tmp_path / 'gavel.db'}")) as database:
        migrating.upgrade(database)
        sites.create_site(database, "Our paper", by=OPERATOR, now=utc_now())
        yield database


def set_site(*options: str) -> Result:
    return CliRunner().invoke(cli, ["site", "set", "Our paper", *options])


def shown() -> dict[str, Any]:
    result = CliRunner().invoke(cli, ["site", "show", "Our paper", "--json"])
    return dict(json.loads(result.stdout))


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        (["--hide-noticed"], "hide_noticed", True),
        (["--no-akismet-counts-toxicity"], "akismet_counts_toxicity", False),
        (["--patience-s", "600"], "patience_s", 600),
        (["--comments-per-author-per-minute", "none"], "comments_per_author_per_minute", None),
        (["--keep-labels-days", "none"], "keep_labels_days", 365),
        (["--when-scoring-is-down", "rules_only"], "when_scoring_is_down", "rules_only"),
        (["--appeal-days", "40"], "appeal_days", 40),
        (["--objection-days", "41"], "appeal_days", 41),
        (["--objection-contact", "ombud@news.example"], "appeal_contact", "ombud@news.example"),
        (["--held-languages", "tr", "--held-languages", "fa"], "held_languages", ["tr", "fa"]),
        (["--rejection-reasons", "none"], "rejection_reasons", list(DEFAULT_REASONS)),
        (
            ["--perspective-score-maps", '{"TOXICITY": [[0, 0], [1, 1]]}'],
            "perspective_score_maps",
            {"TOXICITY": [[0, 0], [1, 1]]},
        ),
    ],
)
def test_a_value_is_read_as_its_declaration_says(options: list[str], name: str, value: object) -> None:
    result = set_site(*options)

    assert result.exit_code == 0, result.output
    assert shown()[name] == value


def test_a_value_out_of_its_bounds_is_refused_by_name_and_nothing_changes() -> None:
    before = shown()

    result = set_site("--check-share", "0.2", "--read-per-day", "0")

    assert result.exit_code != 0
    assert "read_per_day" in str(result.output) + str(result.exception)
    assert shown() == before


def test_a_value_with_parts_is_refused_with_an_example() -> None:
    result = set_site("--author-ladder", '{"rejections": 3}')

    assert result.exit_code == 2
    assert 'must be JSON like {"rejections": 3, "within_days": 30' in result.output


def test_the_help_has_the_words_and_the_bounds_of_the_declaration() -> None:
    text = " ".join(CliRunner().invoke(cli, ["site", "set", "--help"], terminal_width=200).output.split())

    assert "Seconds that a comment waits for its scores, 10 to 604,800." in text
    assert "`rules_only`: The rules that need no model decide alone." in text
