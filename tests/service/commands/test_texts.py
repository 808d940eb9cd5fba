"""``gavel texts``: an operator words texts to the readers of a site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moderation.ground.database.engine import Database
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import own_texts, sites
from moderation.sites.own_text_problems import KEPT
from moderation.sites.sites import NewSite
from service.commands import cli
from service.context import utc_now
from tests.builders import OPERATOR


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with closing(open_database(f"sqlite:///{tmp_path / 'gavel.db'}")) as database:
        migrating.upgrade(database)
        yield database


@pytest.fixture(autouse=True)
def paper(terminal: Database) -> NewSite:
    return sites.create_site(terminal, "Our paper", by=OPERATOR, now=utc_now())


def texts(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["texts", *arguments])


def lines(*arguments: str) -> dict[str, str]:
    """The lines of the list, by code; a site's own words keep their star."""
    shown = texts("list", "Our paper", *arguments).stdout.splitlines()
    return {line[2:].split()[0]: line[0].strip() + line[2:].split(maxsplit=1)[1] for line in shown}


def test_one_text_is_worded_and_the_others_stay(terminal: Database, paper: NewSite) -> None:
    before = lines("--language", "de")

    set_first = texts("set", "Our paper", "write_first", "Und was sagen Sie?", "--language", "de")
    texts("set", "Our paper", "post", "Absenden", "--language", "de")
    after = lines("--language", "de")

    assert set_first.exit_code == 0, set_first.output
    assert before["write_first"] != after["write_first"] == "*Und was sagen Sie?"
    assert after["post"] == "*Absenden"
    assert {code for code in before if before[code] != after[code]} == {"write_first", "post"}
    assert lines()["post"] == "Post"
    assert dict(own_texts.of(terminal, paper.site.id, "de")) == {
        "write_first": "Und was sagen Sie?",
        "post": "Absenden",
    }


def test_the_list_marks_the_sentences_that_keep_the_law() -> None:
    shown = texts("list", "Our paper").stdout.splitlines()

    assert {line[2:].split()[0] for line in shown if line[1] == "§"} == KEPT
    assert {line[1] for line in shown} == {"§", " "}


def test_one_text_goes_back_to_ours(terminal: Database, paper: NewSite) -> None:
    texts("set", "Our paper", "post", "Send")
    texts("set", "Our paper", "reply", "Answer")

    reset = texts("reset", "Our paper", "post")

    assert reset.output == "Post\n"
    assert dict(own_texts.of(terminal, paper.site.id, "en")) == {"reply": "Answer"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("set", "Our paper", "posst", "Send"), "texts.posst: is not the id of a text that a site may word"),
        (("reset", "Our paper", "posst"), "texts.posst: is not the id of a text that a site may word"),
        (("set", "Our paper", "too_long", "At most {most}"), "has {most}, which is not filled in there"),
        (
            ("set", "Our paper", "measure_suspend", "A break"),
            "lacks {until}, which our text has",
        ),
        (("set", "Our paper", "statement_noticed", "Guess."), "texts.statement_noticed: must have our sentence in it"),
        (("set", "Our paper", "post", ""), "must have 1 to 500 characters"),
        (("set", "Our paper", "post", "P" * 501), "must have 1 to 500 characters"),
        (("set", "Our paper", "post", "Po\x07st"), "must not contain control characters"),
        (("set", "Nowhere", "post", "Send"), "no site with id 'Nowhere'"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    terminal: Database, paper: NewSite, arguments: tuple[str, ...], said: str
) -> None:
    refused = texts(*arguments)

    assert refused.exit_code != 0
    assert said in f"{refused.output}{refused.exception}"
    assert dict(own_texts.of(terminal, paper.site.id, "en")) == {}


@pytest.mark.parametrize("words", ["P" * 500, "Publier\u00a0?"], ids=["longest", "fixed space"])
def test_what_can_be_shown_is_taken(words: str) -> None:
    assert texts("set", "Our paper", "post", words).exit_code == 0
