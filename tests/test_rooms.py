"""The house has rooms that fit in one head, and SQL stands in known places."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = ("gavel", "moderation", "service", "workers")
MODULES = [path for package in CODE for path in sorted((ROOT / package).rglob("*.py"))]
ROOMS = sorted({path.parent for path in MODULES})
# Beside the rows: the machinery that all SQL goes through, and statements about tables, not about their rows
SQL_ROOMS = (
    "moderation/ground/database/",
    "moderation/operations/operating/late_indexes.py",
    "moderation/operations/operating/late_search.py",
    "moderation/operations/operating/migrating.py",
    "moderation/sites/settings/json_column.py",  # a setting as an expression on its column
)
OF_TYPES = {"engine", "exc"}  # names of types and errors, which are no SQL


def inside(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("room", ROOMS, ids=inside)
def test_a_room_has_at_most_fifteen_modules(room: Path) -> None:
    assert len([path for path in room.glob("*.py") if path.name != "__init__.py"]) <= 15


@pytest.mark.parametrize("name", ["training", "bench", "examples", "deploy"])
def test_what_does_not_serve_keeps_to_rooms_too(name: str) -> None:
    wide = Counter(inside(path.parent) for path in (ROOT / name).rglob("*.py") if path.name != "__init__.py")

    assert {room for room, modules in wide.items() if modules > 15} == set()


def test_no_folder_of_tests_has_more_than_thirty_modules() -> None:
    folders = Counter(inside(path.parent) for path in (ROOT / "tests").rglob("test_*.py"))

    assert {folder: modules for folder, modules in folders.items() if modules > 30} == {}


@pytest.mark.parametrize("room", [room for room in ROOMS if room.parent != ROOT], ids=inside)
def test_a_room_says_what_it_holds_in_at_most_five_lines(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))

    assert said
    assert len(said.splitlines()) <= 5


def test_sql_stands_in_rows_and_tables() -> None:
    writing = {
        inside(path)
        for path in MODULES
        if path.name != "tables.py" and path.stem != "rows" and not path.stem.endswith("_rows") and speaks_sql(path)
    }

    assert {name for name in writing if not name.startswith(SQL_ROOMS)} == set()


def speaks_sql(path: Path) -> bool:
    """Whether a module imports more of SQLAlchemy than the types of connections and errors."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "sqlalchemy" for alias in node.names):
            return True
        path_of_names = (node.module or "").split(".") if isinstance(node, ast.ImportFrom) else []
        if path_of_names[:1] == ["sqlalchemy"] and path_of_names[-1] not in OF_TYPES:
            return True
    return False
