"""The ports of a machine that runs everything: whether one is free, and which one its queue server has."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from moderation.ground.database.usage import private_file


class PortTaken(Exception):
    def __init__(self, port: int, variable: str) -> None:
        super().__init__(f"port {port} is taken by another program: stop it, or choose another port with {variable}")
        self.port, self.variable = port, variable


def refuse_taken_port(host: str, port: int, *, variable: str) -> None:
    """Raises PortTaken, which names the setting for another port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as e:
            raise PortTaken(port, variable) from e


def queue_folder(home: Path) -> Path:
    """The folder of the queue server's data, created if it is missing."""
    folder = home / "queue"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def remembered_queue_port(home: Path) -> int | None:
    """The port of the last queue server in this home; None if there was none."""
    return _port_in(home / "queue" / "port")


def choose_queue_port(home: Path) -> int:
    """The port of last time, if it is free or our server answers there; else another one, which is remembered."""
    port = remembered_queue_port(home)
    if port is None or not (is_our_queue(home, port) or _is_free(port)):
        port = _free_port()
        (queue_folder(home) / "port").write_text(f"{port}\n")
    return port


def choose_scoring_port(home: Path) -> int:
    """The port of last time, if it is free; else another one, which is remembered for commands in this home."""
    path = home / "scoring" / "port"
    port = _port_in(path)
    if port is None or not _is_free(port):
        port = _free_port()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(f"{port}\n")
    return port


def queue_password(home: Path) -> str:
    """The password, made at the first start. Anybody who can write to the queue can keep workers busy, so it is for
    this user alone."""
    path = queue_folder(home) / "password"
    with private_file(path) as file:
        file.seek(0)
        password = file.read().strip()
        if not password:
            password = secrets.token_urlsafe(32)
            file.write(f"{password}\n")
    return password


def queue_url(home: Path, port: int) -> str:
    """The address of the queue server of this home, with its password."""
    return f"redis://:{queue_password(home)}@127.0.0.1:{port}/0"


def our_queue(home: Path, port: int) -> Redis | None:
    """The server on the port, if it keeps its data in this home. Such a server has outlived the process that started
    it."""
    for password in (queue_password(home), None):  # an earlier version starts it without a password
        with _connect(port, password, answers_s=0.5) as redis:
            if _folder_of(redis) == queue_folder(home).resolve():
                return _connect(port, password, answers_s=10)  # it may have much to save
    return None


def _connect(port: int, password: str | None, *, answers_s: float) -> Redis:
    once = Retry(NoBackoff(), 0)
    return Redis(port=port, password=password, socket_connect_timeout=0.5, socket_timeout=answers_s, retry=once)


def _folder_of(redis: Redis) -> Path | None:
    try:
        answer = redis.config_get("dir")
    except RedisError:
        return None
    return Path(_text(answer.get("dir") or "")) if isinstance(answer, dict) else None


def is_our_queue(home: Path, port: int) -> bool:
    """Whether ``our_queue`` finds a server."""
    redis = our_queue(home, port)
    if redis is not None:
        redis.close()
    return redis is not None


def _port_in(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _is_free(port: int) -> bool:
    try:
        refuse_taken_port("127.0.0.1", port, variable="")
    except PortTaken:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
