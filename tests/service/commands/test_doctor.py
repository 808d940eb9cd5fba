"""``doctor`` at a terminal: on a set-up that is well, on one that is not, and through a real web service."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3
from click.testing import CliRunner, Result
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from gavel.command import GavelCommand
from moderation.ground.database import lease_rows as leases
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import DELIVER_QUEUE, LANES
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating, vitals
from moderation.operations.operating.doctor import front_door
from moderation.operations.operating.doctor.findings import Finding, Level
from moderation.sites import sites
from service.commands import cli, doctor
from tests.builders import OPERATOR
from tests.conftest import free_port
from tests.moderation.operations.operating.doctor.looking import only
from tests.waiting import eventually

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Served:
    home: Path
    port: int
    environ: dict[str, str]

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.environ)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A web service of its own, with a database in its home."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    home.chmod(0o700)
    database = open_database(Settings(gavel_home=home).resolved_database_url)
    migrating.upgrade(database)
    sites.create_site(database, "Daily", by=OPERATOR, now=datetime.now(UTC))
    database.close()
    environ = {
        "GAVEL_HOME": str(home),
        "PORT": str(port),
        "WEB_PROCESSES": "1",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SCORING_URL": "off",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "serve"], env={**os.environ, **environ}, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    served = Served(home, port, environ)
    try:
        eventually(lambda: front_door_answers(served), within_s=40)
        yield served
    finally:
        process.terminate()
        process.wait(60)


def front_door_answers(served: Served) -> bool:
    """Its port takes connections before a request is answered."""
    try:
        answer = urllib3.request("GET", f"http://127.0.0.1:{served.port}/healthz", timeout=20, retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == 200


def run(environ: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["doctor", *arguments], env=environ)


def everybody_works(served: Served, redis: Redis) -> str:
    """Registers workers as they do themselves, lets the sweeper note its round, and returns the queue's address."""
    for name, queues in {"w": LANES, "d": (DELIVER_QUEUE,)}.items():
        SimpleWorker(list(queues), connection=redis, serializer=JSONSerializer, name=name).register_birth()
    database, now = open_database(served.settings.resolved_database_url), datetime.now(UTC)
    with database.write() as conn:
        leases.take(conn, vitals.SWEEPER, "host:1", until=now, now=now)
        leases.note(conn, vitals.SWEEPER, "host:1", {}, now=now)
    database.close()
    return "redis://127.0.0.1:{port}/0".format(**redis.connection_pool.connection_kwargs)


def test_a_set_up_that_is_well_ends_with_nought(served: Served, redis: Redis) -> None:
    environ = {**served.environ, "REDIS_URL": everybody_works(served, redis)}

    done = run(environ, "--json")

    told = json.loads(done.stdout)
    parts = {finding["part"] for finding in told["findings"]}
    assert [finding for finding in told["findings"] if finding["level"] == "error"] == []
    assert (done.exit_code, told["ok"]) == (0, True)
    assert parts == {"settings", "folder", "database", "queue", "processes", "way in", "webhooks", "models", "mail"}


def test_an_error_ends_with_one_and_names_the_line(served: Served) -> None:
    done = run({**served.environ, "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"})

    assert done.exit_code == 1
    assert "error    queue      redis://127.0.0.1:" in done.stdout
    assert "change: REDIS_URL=" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 error, ")


def test_it_waits_until_an_error_of_the_restart_has_passed(
    served: Served, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, port = everybody_works(served, redis), free_port()
    looks: list[bool] = []
    check = front_door.check

    def comes_up_after_the_first_look(settings: Settings, *, now: datetime) -> list[Finding]:
        looks.append(True)
        late = {**served.environ, "REDIS_URL": address}
        late |= {"PUBLIC_URL": f"http://127.0.0.1:{port}"} if len(looks) == 1 else {}
        return check(Settings.from_env(late), now=now)

    monkeypatch.setattr(doctor, "AGAIN_S", 0.05)
    monkeypatch.setattr(front_door, "check", comes_up_after_the_first_look)
    environ = {**served.environ, "REDIS_URL": address}

    at_once = run(environ)
    looks.clear()
    waited = run(environ, "--wait")
    looks.clear()
    briefly = run(environ, "--wait", "0.01")

    assert [done.exit_code for done in (at_once, waited, briefly)] == [1, 0, 1]
    assert "does not answer" in at_once.stdout and "does not answer" not in waited.stdout


def test_bad_settings_are_all_named_and_nothing_else_is_looked_at(tmp_path: Path) -> None:
    done = run({"GAVEL_HOME": str(tmp_path / "none"), "PORT": "eight", "LOG_FORMAT": "loud"})

    assert done.exit_code == 1
    assert done.stdout.count("error    settings") == 2
    assert "PORT: " in done.stdout and "LOG_FORMAT: " in done.stdout
    assert not (tmp_path / "none").exists()


def test_both_entries_have_it() -> None:
    assert "doctor" in GavelCommand().places and "doctor" in cli.list_commands(None)  # type: ignore[arg-type]


def look(settings: Settings, **more: Any) -> list[Finding]:
    return front_door.check(Settings(**{"port": settings.port, "public_url": settings.public_url, **more}), now=NOW)


NOW = datetime.now(UTC)


def test_the_service_and_the_way_to_it_are_found(served: Served) -> None:
    found = look(served.settings)

    assert only(found, Level.WARNING).change == "`location = /metrics { deny all; }` in nginx"
    assert f"sees http://127.0.0.1:{served.port} and the client 127.0.0.1" in found[1].found


def test_an_empty_public_url_is_a_warning(served: Served) -> None:
    assert only(look(served.settings, public_url=""), Level.WARNING).change.startswith("PUBLIC_URL=https://")


def test_a_service_that_does_not_run_here_is_a_warning() -> None:
    found = front_door.check(Settings(port=free_port()), now=NOW)

    assert "no `gavel serve` answers at http://127.0.0.1:" in found[0].found


def test_a_public_url_where_nobody_answers_is_an_error(served: Served) -> None:
    finding = only(look(served.settings, public_url=f"http://127.0.0.1:{free_port()}"), Level.ERROR)

    assert "does not answer" in finding.found and "PUBLIC_URL=" in finding.change


def test_a_name_that_nobody_has_is_an_error(served: Served) -> None:
    finding = only(look(served.settings, public_url="https://nowhere.invalid"), Level.ERROR)

    assert finding.change.startswith("an address for nowhere.invalid in the DNS")


@contextmanager
def another(
    status: int = 200, body: bytes = b"{}", certificate: Path | None = None, port: int = 0, **headers: str
) -> Iterator[str]:
    """A program that is no Gavel, or a Gavel behind a proxy that passes on what it should not."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path != "/metrics" else 403)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{'https' if certificate else 'http'}://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def seen(scheme: str, host: str, address: str = "127.0.0.1") -> bytes:
    return json.dumps({"status": "alive", "asked": {"scheme": scheme, "host": host, "address": address}}).encode()


@pytest.mark.parametrize(
    ("status", "location", "said", "change"),
    [
        (200, "", "no Gavel answers at", "PUBLIC_URL="),
        (301, "https://elsewhere.example/", "leads on to https://elsewhere.example/", "PUBLIC_URL="),
        (502, "", "does not reach the service (502)", "proxy_pass"),
    ],
)
def test_what_answers_in_place_of_gavel_is_an_error(
    served: Served, status: int, location: str, said: str, change: str
) -> None:
    with another(status, Location=location) as url:
        finding = only(look(served.settings, public_url=url), Level.ERROR)

    assert said in finding.found and change in finding.change


def test_another_program_on_the_services_port_is_an_error(served: Served) -> None:
    with another() as url:
        finding = only(look(served.settings, public_url="", port=int(url.rpartition(":")[2])), Level.ERROR)

    assert "another program answers at" in finding.found


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """For localhost, each with its key, by the days that it holds."""
    folder = tmp_path_factory.mktemp("certificates")
    made = {days: folder / f"{days}.pem" for days in (5, 30)}
    for days, path in made.items():
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{path}.key")
        names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
        command = ["openssl", "req", "-x509", *key, *names, "-days", str(days), "-out", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        path.write_text(path.read_text() + Path(f"{path}.key").read_text())
    return made


def test_a_certificate_that_nobody_vouches_for_is_an_error(served: Served, certificates: dict[int, Path]) -> None:
    with another(certificate=certificates[30]) as url:
        finding = only(look(served.settings, public_url=url), Level.ERROR)

    assert "its certificate is not valid: self-signed certificate" in finding.found
    assert finding.change.startswith("ssl_certificate in nginx")


@pytest.mark.parametrize(("days", "level"), [(5, Level.WARNING), (30, Level.OK)])
def test_a_certificate_that_ends_soon_is_a_warning(
    served: Served, certificates: dict[int, Path], days: int, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates[days]))
    port = free_port()
    with another(body=seen("https", f"localhost:{port}"), certificate=certificates[days], port=port) as url:
        found = look(served.settings, public_url=url)

    assert [finding.level for finding in found if "certificate ends" in finding.found] == [level] * (days < 14)
    assert found[-1].level is Level.OK and "sees https://localhost" in found[-1].found


@pytest.mark.parametrize(
    ("scheme", "host", "address", "said", "change"),
    [
        ("http", "localhost:{port}", "127.0.0.1", "sees http:// where the client used https://", "TRUSTED_PROXIES="),
        ("https", "localhost", "127.0.0.1", "the desk refuses forms", "Host $http_host"),
        ("https", "localhost:{port}", front_door.CLAIMED, "believes anybody's X-Forwarded-For", "TRUSTED_PROXIES="),
    ],
)
def test_what_a_proxy_passes_on_wrongly_is_an_error(
    served: Served,
    certificates: dict[int, Path],
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    host: str,
    address: str,
    said: str,
    change: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates[30]))
    port = free_port()
    body = seen(scheme, host.format(port=port), address)
    with another(body=body, certificate=certificates[30], port=port) as url:
        finding = only(look(served.settings, public_url=url), Level.ERROR)

    assert said in finding.found and change in finding.change
