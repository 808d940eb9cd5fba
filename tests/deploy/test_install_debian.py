"""docs/install-debian.md from nothing to a comment that nginx took over TLS and a worker decided."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from gavel import __version__
from moderation.ground.errors import ScoringAway
from moderation.operations.composition import open_database
from moderation.pipeline.drafts.scoring_process import ScoringProcess
from tests.conftest import free_port
from tests.deploy.debian import PASSPHRASE, ROOT, Machine, answer, machine, program, steps
from tests.waiting import eventually

NGINX = program("nginx")
UNITS = (
    "gavel-web.service",
    "gavel-worker@1.service",
    "gavel-answer.service",
    "gavel-sweeper.service",
    "gavel-deliver.service",
)
ONLY_A_WHOLE_MACHINE = ("apt-get", "adduser", "systemctl", "certbot", "pip --require-hashes")

HOST = "`proxy_set_header Host $http_host;` in nginx"
BELIEVED = "the service believes anybody's X-Forwarded-For: a client can claim any address"
REACH = "proxy_pass in nginx, and HOST=… and PORT=… of `gavel serve`"

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: apt-get install nginx)"),
    pytest.mark.skipif(program("openssl") is None or program("curl") is None, reason="openssl or curl is missing"),
]


@pytest.fixture(scope="module")
def bare(release_files: Path, postgres_url: str) -> Iterator[Machine]:
    assert NGINX is not None
    # Not under pytest's own folder: nginx's workers run as another user
    with tempfile.TemporaryDirectory(prefix="gavel-debian-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        with machine(Path(name), release_files, postgres_url, NGINX) as bare:
            yield bare


@pytest.fixture(scope="module")
def installed(bare: Machine) -> Machine:
    """Up to the first start of everything."""
    bare.run("0", "1", "2")
    bare.move_files(f"opt/gavel-{__version__}/share/gavel", "usr/local/bin")
    bare.run("3", "4")
    bare.start_queue()
    bare.run("5", "6")
    migrated = bare.start("gavel-migrate.service")
    assert migrated.wait(60) == 0, (bare.root / "gavel-migrate.service.log").read_text()
    for unit in UNITS:
        bare.start(unit)
    bare.run("7")
    bare.start_nginx()
    eventually(lambda: ask(bare, "/readyz") == 200, within_s=60, says=lambda: logs(bare))
    eventually(lambda: scores(bare), within_s=120, says=lambda: logs(bare))
    return bare


@pytest.fixture(scope="module")
def key(installed: Machine) -> str:
    printed = installed.run("8", typed=f"{PASSPHRASE}\n{PASSPHRASE}\n").stdout
    found = re.search(r"gvl_\S+", printed)
    assert found is not None, printed
    return found[0]


def scores(machine: Machine) -> bool:
    """Whether the scoring process has loaded its models."""
    token = (machine.root / "var/lib/gavel/scoring/token").read_text().strip()
    try:
        return bool(ScoringProcess(f"http://127.0.0.1:{machine.scoring_port}", token).state().models)
    except ScoringAway:
        return False


def ask(machine: Machine, path: str) -> int:
    """The status of the service itself, past nginx."""
    connection = http.client.HTTPConnection("127.0.0.1", machine.web_port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def logs(machine: Machine) -> str:
    return "\n".join(path.read_text() for path in sorted(machine.root.glob("*.log")))


def test_the_first_comment_is_decided_through_nginx_over_tls(installed: Machine, key: str) -> None:
    answered = answer(installed.run("10", key=key).stdout)

    eventually(lambda: decided(installed, str(answered["id"]), key), within_s=60)


def decided(machine: Machine, comment_id: str, key: str) -> bool:
    """Asked again, because a slow machine takes longer than the command waits."""
    connection = http.client.HTTPConnection("127.0.0.1", machine.web_port, timeout=30)
    connection.request("GET", f"/v1/comments/{comment_id}", headers={"Authorization": f"Bearer {key}"})
    status: str = json.load(connection.getresponse())["status"]
    connection.close()
    return status in ("published", "flagged")


def test_a_reader_of_the_plain_address_is_led_to_tls(installed: Machine) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", installed.http_port, timeout=30)
    connection.request("GET", "/desk", headers={"Host": "localhost"})
    answered = connection.getresponse()
    connection.close()

    assert (answered.status, answered.headers["Location"]) == (301, "https://localhost/desk")


def test_the_doctor_finds_nothing_wrong(installed: Machine, key: str) -> None:
    said = installed.run("9").stdout

    assert "error" not in re.findall(r"^\w+", said, re.MULTILINE), said


def test_the_backup_can_be_read_and_old_ones_go(installed: Machine, key: str) -> None:
    installed.run("11")
    folder = installed.root / "var/backups/gavel"
    for day in range(10, 26):
        (folder / f"gavel-2020-01-{day}T033000.dump").write_text("old")

    backup = installed.start("gavel-backup.service")

    assert backup.wait(60) == 0, logs(installed)
    kept = sorted(folder.iterdir())
    assert len(kept) == 14
    assert [path.stat().st_mode & 0o077 for path in kept[-1:]] == [0]
    listed = ["pg_restore", "--list", str(kept[-1])]
    found = subprocess.run(listed, env=installed.environ(), capture_output=True, text=True, check=True).stdout
    assert "TABLE DATA public comments" in found


def test_a_backup_that_fails_leaves_the_old_ones(installed: Machine, key: str) -> None:
    installed.run("11")
    folder = installed.root / "var/backups/gavel"
    before = set(folder.iterdir())
    settings = installed.root / "etc/gavel/gavel.env"
    whole = settings.read_text()
    settings.write_text(whole.replace("@/gavel?", "@/nowhere?"))

    backup = installed.start("gavel-backup.service")

    assert backup.wait(60) != 0
    settings.write_text(whole)
    assert set(folder.iterdir()) == before


def test_the_commands_of_an_upgrade_run(installed: Machine, key: str) -> None:
    said = installed.run("12").stdout

    assert "the database is at revision" in said


def test_only_commands_that_need_a_whole_machine_are_left_out(installed: Machine, key: str) -> None:
    written = "\n".join(steps().values())

    left_out = installed.left_out()

    assert {line.partition(" ")[0] for line in left_out} == {name.partition(" ")[0] for name in ONLY_A_WHOLE_MACHINE}
    assert all(line.startswith(ONLY_A_WHOLE_MACHINE) for line in left_out)
    assert "--require-hashes -r requirements-up.lock" in written


def test_files_with_secrets_are_closed_to_others(installed: Machine) -> None:
    assert (installed.root / "etc/gavel/gavel.env").stat().st_mode & 0o007 == 0
    assert (installed.root / "etc/gavel").stat().st_mode & 0o007 == 0
    assert "replace-me" not in (installed.root / "etc/gavel/gavel.env").read_text()
    assert shutil.which("gavel", path=str(installed.root / "usr/local/bin"))


@dataclass(slots=True)
class Proxied:
    """The machine with its web service and nginx set up wrongly and well again."""

    machine: Machine
    web: subprocess.Popen[bytes]

    def set(self, **settings: str) -> None:
        self.web = self.machine.start_again("gavel-web.service", self.web, **settings)
        eventually(lambda: ask(self.machine, "/readyz") == 200, within_s=60, says=lambda: logs(self.machine))

    def edit_nginx(self, *changes: tuple[str, str]) -> None:
        """nginx reads its files again; a process of the old ones may answer a moment longer."""
        file = self.machine.root / "etc/nginx/sites-available/gavel"
        text = file.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text)
        self.machine.reload_nginx()

    def errors(self) -> list[dict[str, str]]:
        environ = {**self.machine.environ(), "HOME": "/"}
        command = [str(self.machine.root / "usr/local/bin/gavel"), "doctor", "--json"]
        told = json.loads(subprocess.run(command, env=environ, capture_output=True, text=True, check=False).stdout)
        return [finding for finding in told["findings"] if finding["level"] == "error"]


@pytest.fixture
def proxied(installed: Machine, key: str) -> Iterator[Proxied]:
    (web,) = (process for process in installed.processes if process.args == installed.unit("gavel-web.service")[0])
    file = installed.root / "etc/nginx/sites-available/gavel"
    whole = file.read_text()
    proxied = Proxied(installed, web)
    yield proxied
    file.write_text(whole)
    installed.reload_nginx()
    proxied.set(TRUSTED_PROXIES="127.0.0.1")


def test_the_doctor_finds_a_proxy_that_nobody_named(proxied: Proxied) -> None:
    proxied.set(TRUSTED_PROXIES="")

    (error,) = proxied.errors()

    assert "sees http:// where the client used https://" in error["found"]
    assert error["change"].startswith("TRUSTED_PROXIES=127.0.0.1 if 127.0.0.1 is the proxy")


def test_the_doctor_finds_a_host_that_lost_its_port(proxied: Proxied) -> None:
    proxied.edit_nginx(("Host $http_host;", "Host $host;"))

    eventually(lambda: [error["change"] for error in proxied.errors()] == [HOST], within_s=20, says=proxied.errors)


def test_the_doctor_finds_that_clients_choose_their_address(proxied: Proxied) -> None:
    proxied.set(TRUSTED_PROXIES="127.0.0.9")
    proxied.edit_nginx(("proxy_pass http://gavel;", "proxy_pass http://gavel; proxy_bind 127.0.0.9;"))
    eventually(lambda: proxied.errors() == [], within_s=20, says=proxied.errors)

    proxied.edit_nginx(("$proxy_add_x_forwarded_for", "$http_x_forwarded_for"))

    eventually(lambda: [error["found"] for error in proxied.errors()] == [BELIEVED], within_s=20, says=proxied.errors)


def test_the_doctor_finds_a_service_that_nginx_does_not_reach(proxied: Proxied) -> None:
    proxied.edit_nginx((f"127.0.0.1:{proxied.machine.web_port}", f"127.0.0.1:{free_port()}"))

    eventually(lambda: [error["change"] for error in proxied.errors()] == [REACH], within_s=20, says=proxied.errors)


@pytest.mark.skipif(program("promtool") is None, reason="promtool is not installed (Debian: apt-get install promtool)")
def test_prometheus_reads_the_rules_and_asks_the_service(installed: Machine) -> None:
    said = installed.run("14").stdout

    assert "SUCCESS" in said and "FAILED" not in said
    jobs = yaml.safe_load((installed.root / "etc/prometheus/prometheus.yml").read_text())
    assert [job["job_name"] for job in jobs["scrape_configs"]] == ["node", "gavel"]
    (target,) = jobs["scrape_configs"][1]["static_configs"][0]["targets"]
    assert f"server {target};" in (ROOT / "deploy/nginx/gavel.conf").read_text()


def test_a_restored_backup_brings_that_day_back(installed: Machine, key: str) -> None:
    """The last one: it stops every process."""
    installed.run("11")
    assert installed.start("gavel-backup.service").wait(60) == 0, logs(installed)
    with closing(open_database(installed.database_url())) as database, database.write() as conn:
        conn.execute(sa.text("UPDATE sites SET name = 'Lost'"))
    installed.stop()

    installed.run("13")

    with closing(open_database(installed.database_url())) as database, database.read() as conn:
        assert conn.execute(sa.text("SELECT name FROM sites")).scalars().all() == ["Our paper"]
