"""Adding a setting changes two files: its declaration, and the page that a command writes from it.

A copy of the code gets one more field. The copy's own fixtures then find it wherever settings are read and changed
(``added_setting_probe``).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
DECLARED_IN = "moderation/pipeline/arriving/settings.py"
PAGE = "docs/site-settings.md"
FIELD = """
    links_by_newcomers: Annotated[
        int,
        Field(title="Links in the first comment of a reader", description="0 allows none.", ge=0, le=30),
    ] = 2
"""
COPIED = ("moderation", "service", "tests", "docs")
LINKED = ("gavel", "workers", "migrations", "models", "examples", "pyproject.toml", "alembic.ini")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    tree = tmp_path / "copy"
    for name in COPIED:
        shutil.copytree(
            ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "vendor", "node_modules")
        )
    for name in LINKED:
        (tree / name).symlink_to(ROOT / name)
    return tree


def digests(tree: Path) -> dict[str, str]:
    """Of every copied file, by its path."""
    files = (path for name in COPIED for path in (tree / name).rglob("*") if path.is_file())
    return {str(path.relative_to(tree)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def python(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs Python on the copy, which it imports instead of this tree."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_two_files_bring_a_setting_to_every_place(copy: Path) -> None:
    before = digests(copy)

    with (copy / DECLARED_IN).open("a", encoding="utf-8") as declarations:
        declarations.write(FIELD)
    written = python(copy, "-m", "moderation.sites.settings.manual", PAGE)

    assert written.returncode == 0, written.stderr
    assert {path for path, digest in digests(copy).items() if before.get(path) != digest} == {DECLARED_IN, PAGE}
    row = "|  | `links_by_newcomers` | `2` | 0–30 | Links in the first comment of a reader. 0 allows none. |"
    assert row in (copy / PAGE).read_text(encoding="utf-8").splitlines()
    probe = python(
        copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/service/desk/people/added_setting_probe.py"
    )
    assert probe.returncode == 0, probe.stdout[-3000:]
    assert "5 passed" in probe.stdout
