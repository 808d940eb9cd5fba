"""A real scoring process on loopback, for tests that have texts scored."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from moderation.ground.environment.settings import Settings
from moderation.ground.errors import ScoringAway
from moderation.pipeline.drafts.scoring_process import ScoringProcess
from tests.waiting import eventually

ROOT = Path(__file__).parents[1]
TOKEN = "a-token-for-tests-and-nothing-else"
LOADED_WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Answering:
    """A process that answers, and its address."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def token(self) -> str:
        return TOKEN

    def named_in(self, settings: Settings) -> Settings:
        """These settings, with the address of this process."""
        return replace(settings, scoring_url=self.url, scoring_token=self.token)

    def client(self, *, places: int = 8) -> ScoringProcess:
        return ScoringProcess(self.url, TOKEN, connections=places)


@contextmanager
def answering(home: Path, port: int) -> Iterator[Answering]:
    """Starts a process and waits until it answers."""
    environ = {
        **os.environ,
        "GAVEL_HOME": str(home),
        "SCORING_PORT": str(port),
        "SCORING_TOKEN": TOKEN,
        "PYTHONPATH": str(ROOT),
    }
    log = home / "answer.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers", "answer"], env=environ, stdout=file, stderr=subprocess.STDOUT
        )
    found = Answering(f"http://127.0.0.1:{port}", process, log)
    try:
        eventually(lambda: answers(found), within_s=LOADED_WITHIN_S, says=found.log.read_text)
        yield found
    finally:
        process.terminate()
        process.wait(timeout=60)


def answers(found: Answering) -> bool:
    if found.process.poll() is not None:
        raise RuntimeError(f"the scoring process ended: {found.log.read_text()[-2000:]}")
    try:
        found.client().state()
    except ScoringAway:
        return False
    return True
