"""The documents and the deployment files are right: links, settings, commands, paths."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from moderation.ground.environment.settings import Settings
from moderation.ground.jobs import jobs
from workers.scoring.engines.onnx_runtime import TELEMETRY_OFF

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md", "training/*.md", "models/**/*.md", "tests/**/*.md")
    for path in ROOT.glob(pattern)
)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def text_files() -> Iterator[tuple[Path, str]]:
    """Every file of the project that is text, as git sees it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = (
        listed.stdout.split("\0") if listed.returncode == 0 else [str(p.relative_to(ROOT)) for p in ROOT.glob("*/*")]
    )
    for name in filter(None, names):
        path = ROOT / name
        try:
            yield Path(name), path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", target)]

    broken = [t for t in targets if not leads_somewhere(ROOT / document, t)]

    assert broken == []


def leads_somewhere(document: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = document.parent / path if path else document
    return file.exists() and (not anchor or anchor in anchors(file))


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_settings_table_agrees_with_the_code() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$", (ROOT / "docs/operating.md").read_text(), re.MULTILINE)

    assert rows == [(name, shown(default), meaning) for name, default, meaning in Settings.documented()]


def shown(default: str) -> str:
    return {"": "empty", "False": "no", "True": "yes"}.get(default, f"`{default}`")


@pytest.mark.parametrize("name", sorted(jobs.FUNCTIONS))
def test_the_name_of_a_job_leads_to_its_function(name: str) -> None:
    module, _, function = jobs.FUNCTIONS[name].rpartition(".")

    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize(
    "command",
    ["demo", "up", "worker", "gavel", "test", "lint", "lowest", "lock", "release", "bench", "audit", "train", "help"],
    ids=lambda command: f"run.sh {command}",
)
def test_every_command_is_listed_by_help(command: str) -> None:
    printed = subprocess.run([ROOT / "run.sh", "help"], capture_output=True, text=True, check=True).stdout

    assert re.search(rf"^  {command}\b", printed, re.MULTILINE)


def test_documents_name_only_commands_that_run_sh_has() -> None:
    offered = set(re.findall(r"^  ([a-z]+)\b", (ROOT / "run.sh").read_text(), re.MULTILINE))
    used = {name for _, text in text_files() for name in re.findall(r"\./run\.sh ([a-z]+)\b", text)}

    assert used - offered - {"dance"} == set()


@pytest.mark.parametrize(
    "package", ["service", "workers", "bench", "training", "examples.demo", "gavel", "deploy.release"]
)
def test_what_run_sh_starts_is_there(package: str) -> None:
    found = importlib.util.find_spec(package)

    assert found is not None
    if found.submodule_search_locations is not None:
        assert importlib.util.find_spec(f"{package}.__main__") is not None


def test_no_file_holds_a_path_of_the_machine_it_was_written_on() -> None:
    marks = [str(ROOT), str(Path.home()) + "/"]

    found = [(str(name), mark) for name, text in text_files() for mark in marks if len(mark) > 3 and mark in text]

    assert found == []


@pytest.mark.parametrize("service", sorted(COMPOSE["services"]))
def test_a_service_of_ours_runs_without_privileges(service: str) -> None:
    described = COMPOSE["services"][service]
    if "build" not in described:
        return
    assert described["read_only"] is True
    assert described["cap_drop"] == ["ALL"]
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert f"AS {described['build']['target']}\n" in (ROOT / "Dockerfile").read_text()


def test_compose_starts_every_kind_of_process() -> None:
    commands = {name: described.get("command") for name, described in COMPOSE["services"].items()}

    assert commands["sweeper"] == ["gavel", "sweep"]
    assert commands["deliver"] == ["gavel", "deliver"]
    assert commands["migrate"] == ["gavel", "migrate"]
    assert {"web", "worker", "postgres", "valkey"} <= commands.keys()


def test_the_settings_that_compose_gives_are_settings() -> None:
    given = {name for described in COMPOSE["services"].values() for name in described.get("environment", {})}
    known = {name for name, _, _ in Settings.documented()}

    assert {name for name in given if not name.startswith("POSTGRES_")} <= known | {TELEMETRY_OFF}


def test_images_copy_only_files_that_exist_and_that_the_context_includes() -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copies = [
        shlex.split(line)[1:-1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("COPY")
    ]

    for name in (name for names in copies for name in names):
        assert (ROOT / name).exists(), name
        assert any(Path(name).match(pattern) for pattern in let_in), name


@pytest.mark.parametrize("model", ["toxicity", "multilingual"])
def test_bundled_weights_are_served_without_torch(model: str) -> None:
    listed = json.loads((ROOT / "models" / model / "manifest.json").read_text())["files"]

    assert "model.int8.onnx" in listed
    assert all((ROOT / "models" / model / name).exists() for name in listed)


def test_the_web_image_holds_no_weights_and_runs_as_nobody() -> None:
    stages = re.split(r"^FROM .+ AS (\w+)$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    by_name = dict(zip(stages[1::2], stages[2::2], strict=True))

    assert "COPY models" not in by_name["web"]
    assert "COPY models" in by_name["worker"]
    assert all("USER gavel" in by_name[name] for name in ("web", "worker"))


def test_the_project_says_which_python_it_needs_once() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert needed == ">=3.11"
    assert "Python 3.11 or newer" in (ROOT / "README.md").read_text()
    assert "sys.version_info < (3, 11)" in (ROOT / "run.sh").read_text()
