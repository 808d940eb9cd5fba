"""The verdict of ``./run.sh audit`` on a report, on an empty report, and without one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HOLED: dict[str, Any] = {
    "name": "flask",
    "version": "0.1",
    "vulns": [{"id": "PYSEC-2023-62", "fix_versions": ["2.2.5", "2.3.2"], "aliases": [], "description": "…"}],
}
WHOLE: dict[str, Any] = {"name": "redis", "version": "6.0", "vulns": []}
UNKNOWN: dict[str, Any] = {"name": "torch", "skip_reason": "not on the index: torch (2.9+cpu)"}


def judged(tmp_path: Path, report: str | None, log: str = "") -> subprocess.CompletedProcess[str]:
    (tmp_path / "log").write_text(log)
    if report is not None:
        (tmp_path / "report").write_text(report)
    command = [sys.executable, str(ROOT / "deploy" / "known_holes.py"), str(tmp_path / "report"), str(tmp_path / "log")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("packages", "code", "says"),
    [
        ([HOLED, WHOLE], 1, "flask 0.1: PYSEC-2023-62, fixed in 2.2.5, 2.3.2"),
        ([WHOLE], 0, "1 packages looked up, 0 known holes"),
        ([WHOLE, WHOLE, UNKNOWN], 0, "not looked up, because the index does not have them: torch"),
    ],
)
def test_a_report_is_printed_in_lines(tmp_path: Path, packages: list[dict[str, Any]], code: int, says: str) -> None:
    done = judged(tmp_path, json.dumps({"dependencies": packages, "fixes": []}))

    assert done.returncode == code
    assert says in done.stdout


@pytest.mark.parametrize("packages", [[], [UNKNOWN], [HOLED, UNKNOWN, UNKNOWN]])
def test_an_index_that_knows_next_to_nothing_is_no_answer(tmp_path: Path, packages: list[dict[str, Any]]) -> None:
    done = judged(tmp_path, json.dumps({"dependencies": packages, "fixes": []}))

    assert done.returncode == 2
    assert "nothing was looked up" in done.stderr


@pytest.mark.parametrize("report", [None, "", "{}"])
def test_no_report_means_that_nothing_was_looked_up(tmp_path: Path, report: str | None) -> None:
    done = judged(tmp_path, report, log="Traceback …\nConnectionError: could not connect to the service\n")

    assert done.returncode == 2
    assert done.stderr == (
        "run.sh: the advisories could not be read, so nothing was looked up: "
        "ConnectionError: could not connect to the service\n"
    )
