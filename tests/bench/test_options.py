"""A plan's fields as options on the command line, and the plan made from them."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest

from bench import Option, add_options, plan_from
from bench.plant import ChosenKind, ChosenKinds, Kind


@dataclass(frozen=True, slots=True)
class Plan:
    archives: Annotated[tuple[Path, ...], Option("decided comments")]
    within_s: Annotated[float, Option("seconds (default: %(default)s)", name="within", metavar="S")] = 2.5
    look_ups: Annotated[int, Option()] = 300
    keep: Annotated[Path | None, Option("folder")] = None
    kind: ChosenKind = Kind.SQLITE
    kinds: ChosenKinds = tuple(Kind)
    deadline_ms: int = 800


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench")
    add_options(parser, Plan)
    return parser


def test_only_fields_without_a_default_have_to_be_given(
    parser: argparse.ArgumentParser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan_from(parser.parse_args(["a.jsonl"]), Plan) == Plan((Path("a.jsonl"),))

    with pytest.raises(SystemExit):
        parser.parse_args([])
    assert "required: archives" in capsys.readouterr().err


def test_every_value_given_is_in_the_plan_in_the_field_s_type(parser: argparse.ArgumentParser) -> None:
    given = "a.jsonl b.jsonl --within 3 --look-ups 4 --keep kept --database postgres --databases postgres"

    plan = plan_from(parser.parse_args(given.split()), Plan)

    archives = (Path("a.jsonl"), Path("b.jsonl"))
    assert plan == Plan(archives, 3.0, 4, Path("kept"), Kind.POSTGRES, (Kind.POSTGRES,))
    assert isinstance(plan.within_s, float)
    assert isinstance(plan.kind, Kind)


@pytest.mark.parametrize("wrong", ["--look-ups many", "--database oracle", "--deadline-ms 900", "--within-s 3"])
def test_another_value_or_option_is_refused(parser: argparse.ArgumentParser, wrong: str) -> None:
    with pytest.raises(SystemExit):
        parser.parse_args(["a.jsonl", *wrong.split()])


def test_the_help_shows_names_defaults_and_choices(parser: argparse.ArgumentParser) -> None:
    said = " ".join(parser.format_help().split())

    assert "--within S seconds (default: 2.5)" in said
    assert "--look-ups LOOK_UPS" in said
    assert "--database {sqlite,postgres}" in said
    assert "archives decided comments" in said
    assert "deadline" not in said
