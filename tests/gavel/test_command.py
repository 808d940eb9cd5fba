"""``gavel``: both sides under one name, and what it says where a side or an extra is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gavel import command
from gavel.command import WEB, WORKER, GavelCommand, Side, main
from service.commands import PLACES as OF_SERVICE
from workers.commands import PLACES as OF_WORKERS

ROOT = Path(__file__).parents[2]


def test_every_command_of_both_sides_is_there() -> None:
    assert GavelCommand().places.keys() == OF_SERVICE.keys() | OF_WORKERS.keys() - {"work"} | {"worker"}


def test_no_name_means_two_commands() -> None:
    assert not OF_SERVICE.keys() & OF_WORKERS.keys()


@pytest.mark.parametrize("name", sorted(GavelCommand().places))
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0

    assert capsys.readouterr().out.startswith(f"Usage: gavel {name} ")


@pytest.mark.parametrize(
    ("name", "extra"), [("serve", "web"), ("site", "web"), ("worker", "worker"), ("score", "worker"), ("up", "worker")]
)
def test_a_command_whose_extra_is_missing_says_how_to_install_it(
    name: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    side = WEB if extra == "web" else WORKER
    poor = Side(side.package, extra, ("flask_that_nobody_has",))
    monkeypatch.setattr(command, extra.upper(), poor)

    code = main([name, "create", "--webhook-url", "x"])

    assert code == 1
    assert capsys.readouterr().err == (
        f"Error: `gavel {name}` needs gavel[{extra}], since flask_that_nobody_has is not installed: "
        f"install Gavel with its extra `{extra}`\n"
    )


def test_what_is_missing_shows_in_the_list(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "WORKER", Side("workers", "worker", ("onnxruntime_that_nobody_has",)))

    assert main(["--help"]) == 0

    listed = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith("  "))
    assert listed["worker"].startswith("(needs gavel[worker]")
    assert listed["serve"].startswith("Serve the API")


def test_where_a_side_is_not_there_at_all_its_commands_are_said_to_be_without_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "WORKER", Side("workers_that_nobody_has", "worker", ()))

    assert main(["health"]) == 2
    assert "No such command 'health'. This installation is without: workers_that_nobody_has." in capsys.readouterr().err
    assert main(["fly"]) == 2
    assert "health" not in GavelCommand().places


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--version"], {"flask", "sqlalchemy", "onnxruntime", "rq"}),
        (["sweep", "--help"], {"flask", "onnxruntime", "tokenizers"}),
        (["health", "--help"], {"flask", "onnxruntime"}),
        (["answer", "--help"], {"flask", "onnxruntime", "tokenizers", "gunicorn"}),
        (["score", "--help"], {"flask", "sqlalchemy", "rq", "torch"}),
        (["site", "--help"], {"onnxruntime", "gunicorn"}),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_a_command_loads_nothing_that_another_one_needs(arguments: list[str], heavy: set[str]) -> None:
    run = f"import sys, gavel.command as c; c.main({arguments!r})"
    program = f"{run}; print(sorted({heavy!r} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_an_interrupt_ends_quietly_with_its_own_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))

    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("service.commands.serving.migrating.upgrade", interrupted)

    assert main(["migrate"]) == 130
    assert capsys.readouterr().err == ""
