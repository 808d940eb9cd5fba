"""One live Gavel for all clients, and the clients' own environments."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installed_clients import node_modules_with, python_with
from tests.service.compat.clients import live as lives
from tests.service.compat.clients import private_names
from tests.service.compat.clients.live import Live
from tests.service.compat.clients.private_names import PrivateNames
from workers.machine.queue_server import QueueServer

PYTHON = (
    "google-api-python-client>=2,<3", "PyPerspective>=1,<2", "PySpective", "perspective.py>=0.3,<1", "requests>=2",
    "begentle>=0.1,<1", "trustme>=1",
)  # fmt: skip
NODE = ("googleapis@>=150", "perspective-api-client@^3", "@conversationai/perspectiveapi-js-client@^1")


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory, redis_server: QueueServer) -> Iterator[Live]:
    with lives.running(tmp_path_factory.mktemp("live"), redis_server.url) as found:
        yield found


@pytest.fixture(scope="session")
def python() -> Path:
    """An interpreter with all Python clients that can live together."""
    return python_with("perspective", *PYTHON)


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Without Node the clients in it are skipped, but never in continuous integration."""
    if not os.environ.get("CI") and not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no node and npm here")
    return node_modules_with("perspective", *NODE)


@pytest.fixture(scope="session")
def names(live: Live, python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateNames]:
    with private_names.served(live.url, python, tmp_path_factory.mktemp("names")) as found:
        yield found
