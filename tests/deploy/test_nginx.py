"""The documented nginx in front of a real service: strangers at other addresses shut no moderator out.

Clients come from 127.0.0.2 and so on, which nginx sees as other addresses; nginx reaches the service from 127.0.0.1.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from moderation.ground.environment.settings import Settings
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import sites
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from service.context import utc_now
from service.errors import TITLES
from service.passwords import hash_password
from tests.builders import OPERATOR
from tests.conftest import free_port
from tests.waiting import eventually

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: apt-get install nginx)")

ROOT = Path(__file__).parents[2]
PASSWORD = "a long enough passphrase"
STRANGER, ANA = "127.0.0.2", "127.0.0.3"


def documented() -> str:
    """All of the installed file that does not concern TLS, names and ports."""
    found = re.search(
        r"^    client_header_timeout .*?(?=^})", (ROOT / "deploy/nginx/gavel.conf").read_text(), re.M | re.S
    )
    assert found is not None
    return textwrap.dedent(found[0])


def maps() -> str:
    return "\n".join(re.findall(r"^map [^}]*\}", (ROOT / "deploy/nginx/gavel.conf").read_text(), re.M | re.S))


def config_of(folder: Path, port: int, service_port: int) -> str:
    return f"""
        daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
        events {{}}
        http {{
            access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
            {maps()}
            proxy_cache_path {folder}/cache keys_zone=gavel_pages:1m;
            upstream gavel {{ server 127.0.0.1:{service_port}; keepalive 32; keepalive_timeout 10s; }}
            server {{ listen 127.0.0.1:{port};
            {documented()}
            }}
        }}"""


@dataclass(frozen=True, slots=True)
class Site:
    port: int  # nginx's
    service_port: int

    def log_in(
        self, password: str, *, where: str, who: str = "ana@example.org", directly: bool = False, **headers: str
    ) -> int:
        host = f"127.0.0.1:{self.service_port if directly else self.port}"
        sent = {"Host": host, "Origin": f"http://{host}", "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection(host, timeout=20, source_address=(where, 0))
        body = urlencode({"email": who, "password": password})
        try:
            more = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("POST", "/desk/login", body, {**sent, **more})
            return connection.getresponse().status
        finally:
            connection.close()

    def get(self, target: str) -> tuple[int, bytes]:
        """The status and the body that nginx answers to this very target. Raises OSError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", target)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def kept(self, target: str) -> tuple[int, str | None, str | None]:
        """The status, whether nginx had kept the answer, and how it is packed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", target, headers={"Accept-Encoding": "gzip"})
            response = connection.getresponse()
            return response.status, response.getheader("X-Cache"), response.getheader("Content-Encoding")
        finally:
            connection.close()

    def is_up(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class Proxied:
    port: int
    service_port: int


@pytest.fixture
def proxied() -> Iterator[Proxied]:
    """nginx before a service that is not there."""
    assert NGINX is not None
    at = Proxied(free_port(), free_port())
    with tempfile.TemporaryDirectory(prefix="gavel-nginx-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "nginx.conf").write_text(config_of(folder, at.port, at.service_port))
        proxy = subprocess.Popen([NGINX, "-p", name, "-e", f"{name}/error.log", "-c", f"{name}/nginx.conf"])
        try:
            eventually(lambda: answers_at(at.port), within_s=40, says=(folder / "error.log").read_text)
            yield at
        finally:
            proxy.terminate()
            proxy.wait(60)


def answers_at(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    assert NGINX is not None
    site = Site(free_port(), free_port())
    prepare(Settings(gavel_home=tmp_path).resolved_database_url)
    own = {"GAVEL_HOME": str(tmp_path), "PORT": str(site.service_port), "TRUSTED_PROXIES": "127.0.0.1"}
    served = subprocess.Popen(
        [sys.executable, "-m", "service", "serve"], env={**os.environ, **own}, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    # Not under pytest's own folder: nginx's workers run as another user
    with tempfile.TemporaryDirectory(prefix="gavel-nginx-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "nginx.conf").write_text(config_of(folder, site.port, site.service_port))
        proxy = subprocess.Popen([NGINX, "-p", name, "-e", f"{name}/error.log", "-c", f"{name}/nginx.conf"])
        try:
            eventually(site.is_up, within_s=40, says=(folder / "error.log").read_text)
            yield site
        finally:
            for process in (proxy, served):
                process.terminate()
                process.wait(60)


def prepare(url: str) -> None:
    database = open_database(url)
    migrating.upgrade(database)
    made = sites.create_site(database, "Daily", by=OPERATOR, now=utc_now())
    moderators.create_moderator(
        database,
        email="ana@example.org",
        name="Ana",
        password_hash=hash_password(PASSWORD),
        roles={made.site.id: Role.MODERATOR},
        by=OPERATOR,
        now=utc_now(),
    )
    database.close()


def problem_by(port: int, request: bytes) -> tuple[int, dict[str, str], dict[str, object]]:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(request)
        head, _end, body = client.makefile("rb").read().decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, json.loads(body)


ANY = b" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
BY_NGINX = {
    "not HTTP": (b"hello\r\n\r\n", 400, "bad-request"),
    "a long header": (b"GET" + ANY + b"A: " + b"a" * 40_000 + b"\r\n\r\n", 400, "bad-request"),
    "a long address": (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "request-uri-too-long"),
    "a large body": (b"POST" + ANY + b"Content-Length: 99999999\r\n\r\n", 413, "request-entity-too-large"),
    "a forbidden path": (b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 403, "forbidden"),
    "another coding": (b"POST" + ANY + b"Transfer-Encoding: magic\r\n\r\n", 501, "not-implemented"),
    "a method that tunnels": (b"TRACE" + ANY + b"\r\n", 405, "method-not-allowed"),
    "an old version": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 505, "http-version-not-supported"),
}


@pytest.mark.parametrize("kind", BY_NGINX)
def test_what_nginx_answers_by_itself_is_a_problem(proxied: Proxied, kind: str) -> None:
    request, status, name = BY_NGINX[kind]

    answered, headers, body = problem_by(proxied.port, request)

    assert (answered, body["status"], body["type"]) == (status, status, f"urn:gavel:problem:{name}")
    assert body["title"] == TITLES[status]
    assert headers["content-type"] == "application/problem+json"
    assert headers["access-control-allow-origin"] == "*" and "retry-after" not in headers


def test_a_service_that_is_away_is_a_problem_that_says_when_to_come_again(proxied: Proxied) -> None:
    status, headers, body = problem_by(proxied.port, b"GET" + ANY + b"\r\n")

    assert (status, body["status"], body["title"]) == (503, 503, "Service Unavailable")
    assert headers["content-type"] == "application/problem+json"
    assert (headers["retry-after"], headers["access-control-allow-origin"]) == ("5", "*")


@pytest.mark.parametrize("signal_to_old", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_behind_a_kept_socket_loses_no_request(
    proxied: Proxied, tmp_path: Path, signal_to_old: signal.Signals
) -> None:
    """As systemd keeps it, by gavel-web.socket: requests wait in it until the new process takes them."""
    prepare(Settings(gavel_home=tmp_path).resolved_database_url)
    with socket.create_server(("127.0.0.1", proxied.service_port), backlog=4096) as kept, ThreadPoolExecutor(1) as pool:
        old = serve_from(kept, tmp_path)
        assert answer_of(proxied.port) == 200
        old.send_signal(signal_to_old)
        if signal_to_old is signal.SIGTERM:
            assert old.wait(60) == 0
        else:  # its processes see that it is gone, and end
            old.wait(60)
            eventually(lambda: not listening_processes(kept), within_s=60)
        meanwhile = pool.submit(lambda: [answer_of(proxied.port) for _ in range(3)])

        new = serve_from(kept, tmp_path)
        try:
            assert meanwhile.result(120) == [200] * 3
        finally:
            new.terminate()
            new.wait(60)


STARTED_BY_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, "-m", "service", "serve"])
"""


def serve_from(kept: socket.socket, home: Path) -> subprocess.Popen[bytes]:
    """The service with the socket as its file 3 (https://www.freedesktop.org/software/systemd/man/sd_listen_fds)."""
    return subprocess.Popen(
        [sys.executable, "-c", STARTED_BY_SYSTEMD, str(kept.fileno())],
        env={**os.environ, "GAVEL_HOME": str(home), "TRUSTED_PROXIES": "127.0.0.1", "PORT": "1"},
        cwd=ROOT,
        pass_fds=[kept.fileno()],
    )


def answer_of(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=100)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    finally:
        connection.close()


def listening_processes(kept: socket.socket) -> list[str]:
    """Other processes that hold the socket."""
    name = os.readlink(f"/proc/self/fd/{kept.fileno()}")
    holders = []
    for place in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if os.readlink(place) == name and place.parts[2] != str(os.getpid()):
                holders.append(place.parts[2])
    return holders


def test_the_file_that_is_installed_has_the_documented_lines() -> None:
    def directives(text: str) -> set[str]:
        return {" ".join(line.partition("#")[0].split()) for line in text.splitlines()}

    assert directives(documented()) <= directives((ROOT / "deploy/nginx/gavel.conf").read_text())


def test_a_stranger_shuts_no_moderator_out(site: Site) -> None:
    tried = Counter(site.log_in("guess", where=STRANGER, who=f"person{n}@example.org") for n in range(25))
    tried_ana = Counter(site.log_in("guess", where=STRANGER) for _ in range(10))

    assert tried == {401: 20, 429: 5}
    assert tried_ana == {429: 10}
    assert site.log_in(PASSWORD, where=STRANGER) == 429
    assert site.log_in(PASSWORD, where=ANA) == 303  # by the port that is in Host and Origin, too


def test_a_stranger_cannot_claim_to_come_from_elsewhere(site: Site) -> None:
    tried = Counter(
        site.log_in("guess", where=STRANGER, who=f"person{n}@example.org", X_Forwarded_For=f"198.51.100.{n}")
        for n in range(25)
    )
    past_nginx = Counter(
        site.log_in(
            "guess", where="127.0.0.4", who=f"p{n}@example.org", directly=True, X_Forwarded_For=f"198.51.100.{n}"
        )
        for n in range(25)
    )

    assert tried == {401: 20, 429: 5}
    assert past_nginx == {401: 20, 429: 5}


def test_no_spelling_of_metrics_names_the_sites_to_a_stranger(site: Site) -> None:
    spellings = ("/metrics", "/metrics/", "//metrics", "/%6Detrics", "/METRICS", "/./metrics", "/x/../metrics/")

    found = {spelling: site.get(spelling) for spelling in spellings}

    assert {status for status, _body in found.values()} == {403}
    assert not any(b"Daily" in body for _status, body in found.values())


def test_what_every_reader_sees_is_kept_and_nothing_else_is(site: Site) -> None:
    asked = ["/embed/v1.js", "/embed/v1.js", "/v1/reader", "/healthz"]

    said = [site.kept(target) for target in asked]

    assert said == [(200, "MISS", "gzip"), (200, "HIT", "gzip"), (401, None, None), (200, None, None)]
