"""Nothing that Gavel runs calls home: tried where only loopback can be reached, with ``CI`` unset and an empty HOME.

``CI`` matters: ONNX Runtime keeps quiet under it, so a check that leaves it set proves nothing.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from moderation.operations.all_tables import metadata
from moderation.operations.composition import open_database
from tests import alone
from tests.conftest import free_port
from workers.scoring.engines.onnx_runtime import TELEMETRY_OFF

ROOT = Path(__file__).parents[2]
THE_ONE = Path("workers/scoring/engines/onnx_runtime.py")


def environ_of_a_stranger(home: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("CI", TELEMETRY_OFF, "REDIS_URL", "DATABASE_URL")}
    return {**kept, "HOME": str(home), "XDG_CACHE_HOME": "", "PYTHONPATH": str(ROOT), **more}


def run_alone(*command: str, environ: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.alone", sys.executable, "-m", *command],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def alone_in(tmp_path: Path) -> Path:
    if not alone.is_possible():
        pytest.skip("needs a network namespace of its own: Linux, as root")
    home = tmp_path / "home"
    home.mkdir()
    return home


def test_a_worker_reaches_its_database_and_its_queue_and_nothing_else(alone_in: Path, tmp_path: Path) -> None:
    gavel_home = tmp_path / "gavel"
    database = open_database(f"sqlite:///{gavel_home / 'gavel.db'}")
    metadata.create_all(database.engine)
    database.close()
    environ = environ_of_a_stranger(alone_in, GAVEL_HOME=str(gavel_home))

    printed = run_alone("tests.workers.one_comment", environ=environ)

    assert json.loads(printed) == {"worker": 0, "waiting": 0, "decided": 1}
    assert files_below(alone_in) == []


def test_the_whole_demo_reaches_nothing_beyond_this_machine(alone_in: Path, tmp_path: Path) -> None:
    """Web service, worker, sweeper, deliveries and the sample newsroom, until its comments are decided."""
    ports = {"PORT": str(free_port()), "NEWSROOM_PORT": str(free_port())}
    environ = environ_of_a_stranger(alone_in, GAVEL_HOME=str(tmp_path / "gavel"), **ports)

    printed = run_alone("examples.demo", "--exit", environ=environ)

    assert "Stopping" in printed
    assert files_below(alone_in) == []


def test_a_process_that_tries_to_leave_is_noticed(alone_in: Path) -> None:
    code = "import socket\ntry: socket.create_connection(('192.0.2.1', 443), 1)\nexcept OSError: pass"

    done = subprocess.run(
        [sys.executable, "-m", "tests.alone", sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True
    )

    assert done.returncode == alone.TRIED_TO_LEAVE


def test_one_module_imports_onnx_runtime() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    paths = [Path(name) for name in listed.splitlines()] or [p.relative_to(ROOT) for p in ROOT.glob("*/**/*.py")]

    importers = {path for path in paths if (ROOT / path).exists() and imports(ROOT / path, "onnxruntime")}

    assert importers == {THE_ONE}


def imports(path: Path, package: str) -> bool:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return any(name.split(".")[0] == package for name in names)


def test_no_module_loads_the_library_before_telemetry_is_off(tmp_path: Path) -> None:
    code = "import os, workers.scoring.engines.onnx; print(os.environ['ORT_DISABLE_TELEMETRY'])"

    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environ_of_a_stranger(tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "1\n"
    assert files_below(tmp_path) == []


def test_containers_switch_it_off_too() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    kubernetes = yaml.safe_load((ROOT / "deploy/kubernetes/config.yaml").read_text())["data"]

    assert f"{TELEMETRY_OFF}=1" in (ROOT / "Dockerfile").read_text()
    assert all(compose[name]["environment"][TELEMETRY_OFF] == "1" for name in ("web", "worker", "sweeper", "deliver"))
    assert kubernetes[TELEMETRY_OFF] == "1"
