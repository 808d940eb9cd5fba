"""Each import is asked for in the set of the side that imports it, each range is written once, and locks hold them."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
OURS = frozenset(path.name for path in ROOT.iterdir() if (path / "__init__.py").exists())
WITH_TORCH = tuple(
    f"workers/scoring/{name}.py"
    for name in (
        "encoder/appended",
        "engines/torch_engine",
        "export/exporting",
        "export/fixed_scales",
        "export/graph",
        "export/outliers",
        "export/with_vector",
    )
)
SETS = ("requirements-core.txt", "requirements-web.txt", "requirements-worker.txt", "requirements-up.txt")
LOCKED = ("web", "worker", "up")


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
        ("requirements-core.txt", ("gavel", "moderation", "migrations")),
        ("requirements-web.txt", ("gavel", "moderation", "service", "migrations")),
        ("requirements-worker.txt", ("gavel", "moderation", "workers")),
        ("requirements-torch.txt", ("moderation", "workers")),
        ("requirements-up.txt", ("moderation", "service", "workers", "examples", "migrations")),
        ("requirements.txt", ("moderation", "service", "workers", "examples", "bench", "training", "tests")),
    ],
)
def test_every_import_has_a_requirement(file: str, folders: tuple[str, ...]) -> None:
    assert missing(imported_by(*folders), asked_for(file)) == {}


def test_each_range_is_written_once() -> None:
    written = [name for path in ROOT.glob("requirements*.txt") for name in own_lines(path)]

    assert sorted(written) == sorted(set(written))


def own_lines(path: Path) -> list[str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith(("#", "-r "))]
    return [canonical(re.match(r"[A-Za-z0-9._-]+", line).group()) for line in lines]  # type: ignore[union-attr]


@pytest.mark.parametrize("file", SETS)
def test_serving_needs_no_torch(file: str) -> None:
    assert not {"torch", "detoxify", "transformers", "onnx", "pytest"} & asked_for(file).keys()


def test_every_package_has_a_range_and_none_is_pinned() -> None:
    for name, versions in asked_for("requirements.txt").items():
        assert versions.startswith(">="), name
        assert "==" not in versions, name
    assert asked_for("requirements.txt")["torch"] == ">=2.6,<3"


def locked(side: str) -> dict[str, set[str]]:
    """The versions of each package in a lock; more than one where they differ by Python."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / f"requirements-{side}.lock").read_text().splitlines():
        if line[:1].isalnum():
            name, version = re.match(r"([A-Za-z0-9._-]+)==(\S+)", line).groups()  # type: ignore[union-attr]
            found.setdefault(canonical(name), set()).add(version)
    return found


@pytest.mark.parametrize("side", LOCKED)
def test_a_lock_has_every_requirement_within_its_range(side: str) -> None:
    versions = locked(side)

    for name, allowed in asked_for(f"requirements-{side}.txt").items():
        assert versions[name], name
        assert all(SpecifierSet(allowed).contains(version) for version in versions[name]), name


@pytest.mark.parametrize("side", LOCKED)
def test_a_lock_has_a_hash_for_every_package_and_no_address(side: str) -> None:
    text = (ROOT / f"requirements-{side}.lock").read_text()
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]

    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?:|--(extra-)?index|--find-links| @ ", text)


@pytest.mark.parametrize("side", ["web", "worker"])
def test_a_side_runs_the_same_versions_as_the_whole(side: str) -> None:
    whole = locked("up")

    assert {name: versions for name, versions in locked(side).items() if whole.get(name) != versions} == {}


def test_the_package_requires_the_same_as_the_requirement_files() -> None:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    metadata: dict[str, Any] = {}

    build.RequirementFiles(str(ROOT), {}).update(metadata)

    extras = metadata["optional-dependencies"]
    assert parsed(metadata["dependencies"]) == asked_for("requirements-core.txt")
    assert {side: parsed(lines) for side, lines in extras.items()} == {
        side: asked_for(f"requirements-{side}.txt") for side in (*LOCKED, "torch")
    }


def parsed(lines: list[str]) -> dict[str, str]:
    names = [Requirement(line).name for line in lines]
    return {canonical(name): line.removeprefix(name) for name, line in zip(names, lines, strict=True)}
