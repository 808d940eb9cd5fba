"""The documented nginx in front of a real service: strangers at other addresses shut no moderator out.

Clients come from 127.0.0.2 and so on, which nginx sees as other addresses; nginx reaches the service from 127.0.0.1.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from moderation.database.engine import Database
from moderation.environment.settings import Settings
from moderation.operating import migrating
from moderation.sites import sites
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from service.context import utc_now
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


def config_of(folder: Path, port: int, service_port: int) -> str:
    return f"""
        daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
        events {{}}
        http {{
            access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
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
    database = Database(url)
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
