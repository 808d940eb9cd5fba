"""What is imported is asked for, in the set of whoever imports it; the smaller sets take versions from the full one."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = frozenset(path.name for path in ROOT.iterdir() if (path / "__init__.py").exists())
WITH_TORCH = ("workers/scoring/export.py", "workers/scoring/graph.py", "workers/scoring/torch_engine.py")
SETS = ("requirements-web.txt", "requirements-worker.txt", "requirements-demo.txt")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(file: str) -> dict[str, str]:
    """Each package with its range; the files that a file refers to with ``-r`` count."""
    found: dict[str, str] = {}
    for line in (written.partition("#")[0].strip() for written in (ROOT / file).read_text().splitlines()):
        if line.startswith("-r "):
            found |= asked_for(line[3:].strip())
        elif line and not line.startswith("-"):
            name, versions = re.fullmatch(r"([A-Za-z0-9._-]+)(\[[^]]*\])?(.*)", line).group(1, 3)  # type: ignore[union-attr]
            found[canonical(name)] = versions
    return found


def imported_by(*folders: str) -> set[str]:
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return {name for path in files if str(path.relative_to(ROOT)) not in WITH_TORCH for name in imports(path)}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (name.partition(".")[0] for name in names)


@cache
def distributions() -> dict[str, list[str]]:
    return {name: [canonical(d) for d in found] for name, found in packages_distributions().items()}


def missing(imported: set[str], asked: dict[str, str]) -> dict[str, list[str]]:
    foreign = imported - OURS - set(sys.stdlib_module_names)
    by_name = {name: distributions().get(name, [name]) for name in foreign}
    return {name: of for name, of in by_name.items() if not set(of) & asked.keys()}


@pytest.mark.parametrize(
    ("file", "folders"),
    [
        ("requirements-web.txt", ("moderation", "service", "migrations")),
        ("requirements-worker.txt", ("moderation", "workers")),
        ("requirements-demo.txt", ("moderation", "service", "workers", "examples", "migrations")),
        ("requirements.txt", ("moderation", "service", "workers", "examples", "bench", "training", "tests")),
    ],
)
def test_what_is_imported_is_asked_for(file: str, folders: tuple[str, ...]) -> None:
    assert missing(imported_by(*folders), asked_for(file)) == {}


@pytest.mark.parametrize("file", SETS)
def test_a_smaller_set_names_packages_and_leaves_versions_to_the_full_one(file: str) -> None:
    assert "-c requirements.txt" in (ROOT / file).read_text().splitlines()
    assert set(asked_for(file).values()) == {""}
    assert asked_for(file).keys() <= asked_for("requirements.txt").keys()


@pytest.mark.parametrize("file", SETS)
def test_what_serves_needs_no_torch(file: str) -> None:
    assert not {"torch", "detoxify", "transformers", "onnx", "pytest"} & asked_for(file).keys()


def test_every_package_has_a_range_and_none_is_pinned() -> None:
    for name, versions in asked_for("requirements.txt").items():
        assert versions.startswith(">="), name
        assert "==" not in versions, name
    assert asked_for("requirements.txt")["torch"] == ">=2.6,<3"
