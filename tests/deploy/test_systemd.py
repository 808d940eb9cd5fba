"""The systemd units: systemd itself reads them, each command exists, and every process has the same bounds."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gavel.command import GavelCommand
from moderation.ground.environment.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "systemd"
DROP_IN = FOLDER / "gavel-.service.d" / "gavel.conf"
SERVICES = sorted(path.name for path in FOLDER.glob("*.service"))
STAYING = sorted(set(SERVICES) - {"gavel-migrate.service", "gavel-backup.service"})
ANALYZE = shutil.which("systemd-analyze")
EXPOSURE = 2.0  # of 10, by systemd's own count

read_by_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed (Debian: systemd)")


def unit(name: str) -> configparser.RawConfigParser:
    """With the drop-in that systemd applies to every unit whose name begins with ``gavel-``."""
    parsed = configparser.RawConfigParser(strict=False)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read([DROP_IN, FOLDER / name])
    return parsed


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """The units with a program that is there, since systemd looks for it."""
    shutil.copytree(FOLDER, tmp_path / "units")
    for path in (tmp_path / "units").glob("*.service"):
        path.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", path.read_text(), flags=re.MULTILINE))
    return tmp_path / "units"


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert ANALYZE is not None
    return subprocess.run([ANALYZE, *arguments], capture_output=True, text=True, check=False)


@read_by_systemd
def test_systemd_finds_nothing_to_complain_about(copies: Path) -> None:
    units = [str(path).replace("@.", "@1.") for path in sorted(copies.glob("gavel*")) if path.is_file()]

    done = analyze("verify", "--man=no", *units)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@read_by_systemd
def test_systemd_sees_a_mistake(copies: Path) -> None:
    wrong = copies / "gavel-web.service"
    wrong.write_text(wrong.read_text().replace("Restart=always", "Restart=sometimes"))

    assert "sometimes" in analyze("verify", "--man=no", str(wrong)).stderr


@read_by_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_a_process_can_reach_little(copies: Path, name: str) -> None:
    path = copies / name.replace("@.", "@1.")
    if not path.exists():
        shutil.copy(copies / name, path)

    found = analyze("security", "--offline=true", str(path)).stdout

    exposure = re.search(r"exposure level for \S+: ([\d.]+)", found)
    assert exposure is not None, found
    assert float(exposure[1]) <= EXPOSURE


@pytest.mark.parametrize("name", SERVICES)
def test_every_process_runs_as_gavel_and_writes_in_its_folder_only(name: str) -> None:
    service = unit(name)["Service"]

    assert (service["User"], service["ProtectSystem"], service["NoNewPrivileges"]) == ("gavel", "strict", "yes")
    assert (service["PrivateTmp"], service["StateDirectory"]) == ("yes", "gavel")
    assert service["EnvironmentFile"] == "/etc/gavel/gavel.env"
    assert "GAVEL_HOME=/var/lib/gavel" in service["Environment"]
    assert re.fullmatch(r"\d+[MG]", service.get("MemoryMax", "1M"))


@pytest.mark.parametrize("name", STAYING)
def test_a_process_that_stays_comes_back_and_starts_on_a_migrated_database(name: str) -> None:
    parsed = unit(name)

    assert parsed["Service"]["Restart"] == "always"
    assert parsed["Unit"]["StartLimitIntervalSec"] == "0"
    assert "gavel-migrate.service" in parsed["Unit"]["Requires"]
    assert "MemoryMax" in parsed["Service"]
    command = parsed["Service"]["ExecStart"].split()
    assert command[0] == "/opt/gavel/bin/gavel" and command[1] in GavelCommand().places


def test_the_target_starts_every_kind_of_process() -> None:
    wanted = unit("gavel.target")["Unit"]["Wants"].split()

    assert sorted(name.replace("@1.", "@.") for name in wanted) == STAYING


def test_requests_wait_in_a_socket_of_systemds_own_while_the_web_service_restarts() -> None:
    """It is the address that nginx has, and it stays when the service alone is stopped."""
    socket, service = unit("gavel-web.socket"), unit("gavel-web.service")

    assert f"server {socket['Socket']['ListenStream']};" in (ROOT / "deploy/nginx/gavel.conf").read_text()
    assert all("gavel-web.socket" in service["Unit"][name].split() for name in ("Requires", "After"))
    assert "gavel-web" not in socket["Unit"].get("PartOf", "") + socket["Unit"].get("BindsTo", "")


def test_a_worker_may_finish_its_batch_before_it_is_killed() -> None:
    stop_s = unit("gavel-worker@.service")["Service"]["TimeoutStopSec"]

    assert int(stop_s.rstrip("s")) > Settings().batch_timeout_s


def test_the_settings_file_names_settings() -> None:
    lines = (ROOT / "deploy/gavel.env").read_text().splitlines()
    given = dict(line.partition("=")[::2] for line in lines if not line.startswith("#"))
    known = {name for name, _default, _meaning in Settings.documented()}

    assert given.keys() <= known
    assert not any(value != value.strip() or value.startswith(("'", '"')) for value in given.values())
