"""The wheel, installed where nothing else of the project is, and used from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import urllib3

from gavel import __version__
from tests.conftest import free_port
from tests.waiting import eventually

ROOT = Path(__file__).parent.parent
MOST_BYTES = 80 * 1024 * 1024  # package indexes take 100
DECIDED = ("published", "flagged")


@pytest.fixture(scope="module")
def wheel(release_files: Path) -> Path:
    (made,) = release_files.glob("gavel-*.whl")
    return made


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as content:
        return set(content.namelist())


class Installed:
    """The wheel in an environment that sees, of everything else here, the packages and not the project."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder / "venv", with_pip=False, symlinks=True)
        self.bin, self.elsewhere = folder / "venv" / "bin", folder / "elsewhere"
        self.elsewhere.mkdir()
        site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder / "venv")}))
        (site / "packages.pth").write_text("".join(f"{path}\n" for path in sys.path if path.endswith("-packages")))
        install = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "install", "--quiet"]
        subprocess.run([*install, "--no-deps", "--no-index", str(wheel)], check=True)

    def run(self, *arguments: str, input: str | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / "gavel"), *arguments],
            cwd=self.elsewhere,
            env=clean(os.environ) | environ,
            input=input,
            capture_output=True,
            text=True,
            check=False,
        )


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    ours = ("GAVEL_HOME", "DATABASE_URL", "REDIS_URL", "PYTHONPATH")
    return {name: value for name, value in environ.items() if not name.startswith(ours)}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"), wheel)


def test_the_wheel_holds_what_serves(names: set[str]) -> None:
    packages = {name.partition("/")[0] for name in names if not name.startswith("gavel-")}
    assert packages == {"gavel", "moderation", "service", "workers"}
    assert {
        "moderation/migrations/env.py",
        "workers/models/toxicity/model.int8.onnx",
        "workers/models/toxicity/vector.npz",
        "workers/models/multilingual/topics.int8.onnx",
        "moderation/judging/text/word_lists/reactions/de.txt",
        "moderation/judging/text/word_lists/disguised.txt",
        "service/templates/desk/review/why.html",
        "service/static/desk/desk.js",
    } <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_what_an_operator_copies_is_in_the_wheel(installed: Installed) -> None:
    shared = installed.bin.parent / "share" / "gavel"
    folders = ("deploy/bin", "deploy/nginx", "deploy/systemd", "deploy/grafana", "docs")
    copied = {
        path.relative_to(ROOT).as_posix().removeprefix("deploy/")
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }

    found = {str(path.relative_to(shared)) for path in shared.rglob("*") if path.is_file()}

    assert {"systemd/gavel-web.service", "nginx/gavel.conf", "grafana/gavel.json", "docs/monitoring.md"} <= copied
    assert found == copied | {"gavel.env", "prometheus/alerts.yaml"}
    assert all(os.access(path, os.X_OK) for path in (shared / "bin").iterdir())


def test_every_migration_is_in_the_wheel(names: set[str]) -> None:
    revisions = {f"moderation/{path.relative_to(ROOT)}" for path in (ROOT / "migrations/versions").glob("*.py")}

    assert revisions and revisions <= names


def test_the_wheel_holds_nothing_that_only_a_checkout_needs(wheel: Path, names: set[str]) -> None:
    assert not [name for name in names if name.endswith((".ckpt", ".pyc")) or "tests" in name.split("/")]
    assert wheel.stat().st_size < MOST_BYTES


def test_the_command_knows_its_version(installed: Installed) -> None:
    assert installed.run("--version").stdout == f"gavel {__version__}\n"


def test_a_newcomer_gets_a_site_and_a_key_in_the_folder_where_they_are(installed: Installed) -> None:
    (installed.elsewhere / "service").mkdir()  # a folder of somebody else's by a name of ours
    migrated = installed.run("migrate")
    made = installed.run("site", "create", "Daily", "--json")

    assert migrated.returncode == 0, migrated.stderr
    assert json.loads(made.stdout)["api_key"].startswith("gvl_")
    assert (installed.elsewhere / "var" / "gavel.db").exists()
    assert "Daily" in installed.run("site", "list").stdout


def test_comments_are_scored_with_the_weights_in_the_wheel(installed: Installed) -> None:
    done = installed.run("score", input='{"text": "You are a stupid idiot."}\n')

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["signals"]["toxicity"] > 0.5


def test_up_runs_everything_from_the_wheel_alone(installed: Installed, tmp_path: Path) -> None:
    port = str(free_port())
    comments = f"http://127.0.0.1:{port}/v1/comments"
    environ = clean(os.environ) | {"GAVEL_HOME": str(tmp_path / "home"), "PORT": port, "WEB_PROCESSES": "1"}
    with (tmp_path / "printed").open("w") as printed:
        up = subprocess.Popen(
            [str(installed.bin / "gavel"), "up"], cwd=tmp_path, env=environ, stdout=printed, stderr=printed
        )
    try:
        said = (tmp_path / "printed").read_text
        eventually(lambda: "Gavel is up" in said(), within_s=120, says=said)
        made = json.loads(installed.run("site", "create", "Up", "--json", GAVEL_HOME=environ["GAVEL_HOME"]).stdout)
        sent = urllib3.request(
            "POST",
            comments,
            headers={"Authorization": f"Bearer {made['api_key']}"},
            json={"article": {"id": "a"}, "author": {"id": "r"}, "text": "Thank you for this report."},
        )
        eventually(lambda: status(f"{comments}/{sent.json()['id']}", made["api_key"]) in DECIDED, within_s=120)
    finally:
        up.terminate()
        up.wait(60)

    assert not (installed.elsewhere / "home").exists()


def status(url: str, key: str) -> str:
    """Of a comment, by the API."""
    answer = urllib3.request("GET", url, headers={"Authorization": f"Bearer {key}"})
    return str(answer.json()["status"])


def test_a_probe_names_the_fault(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("health", "sweep", GAVEL_HOME=str(tmp_path))

    assert done.returncode == 1
    assert "sweep" in done.stdout


def test_an_unknown_command_is_one_clear_error(installed: Installed) -> None:
    done = installed.run("fly")

    assert done.returncode == 2
    assert "No such command 'fly'" in done.stderr
