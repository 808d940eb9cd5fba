"""The ports of a machine that runs everything: whether one is free, and which its queue server has."""

from __future__ import annotations

import socket
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

ANY_ADDRESS = ("0.0.0.0", "::")


class PortTaken(Exception):
    def __init__(self, port: int, variable: str) -> None:
        super().__init__(f"port {port} is taken by another program: stop it, or choose another port with {variable}")
        self.port, self.variable = port, variable


def refuse_taken_port(host: str, port: int, *, variable: str) -> None:
    """Raises PortTaken, which names the setting that chooses another."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as e:
            raise PortTaken(port, variable) from e


def reachable(host: str) -> str:
    """The address under which this machine reaches a service that is bound to ``host``."""
    return "127.0.0.1" if host in ANY_ADDRESS else host


def queue_folder(home: Path) -> Path:
    folder = home / "queue"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def remembered_queue_port(home: Path) -> int | None:
    try:
        return int((home / "queue" / "port").read_text())
    except (OSError, ValueError):
        return None


def choose_queue_port(home: Path) -> int:
    """The port of last time while it is free or our server answers on it, else another one, remembered."""
    port = remembered_queue_port(home)
    if port is None or not (is_our_queue(home, port) or _is_free(port)):
        port = _free_port()
        (queue_folder(home) / "port").write_text(f"{port}\n")
    return port


def is_our_queue(home: Path, port: int) -> bool:
    """A server answers on the port and keeps its data in this home: one that outlived whoever started it."""
    try:
        with Redis(host="127.0.0.1", port=port, socket_connect_timeout=0.5, socket_timeout=0.5) as redis:
            found = redis.config_get("dir")
    except RedisError:
        return False
    return isinstance(found, dict) and Path(str(_text(found.get("dir", "")))) == queue_folder(home).resolve()


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
