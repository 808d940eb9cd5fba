from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from moderation.ground.monitoring import instruments

ROOT = Path(__file__).parents[4]
COUNTS = """
import sys
from pathlib import Path
from moderation.ground.monitoring import instruments
instruments.share(Path(sys.argv[1]))
instruments.instruments().accepted.labels("live").inc(int(sys.argv[2]))
instruments.instruments().batch_comments.observe(8)
instruments.instruments().model.labels("toxicity", sys.argv[3]).set(1)
print("counted", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As a process sees it that shares its counts, without making this one share its own for good."""
    monkeypatch.setenv(instruments.FOLDER_VARIABLE, str(tmp_path))
    return tmp_path


class Counting:
    """Processes that have each counted something and stay alive until they are asked to end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[str]] = []

    def start(self, count: int, version: str = "v1") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", COUNTS, str(self.folder), str(count), version],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None and process.stdout.readline() == "counted\n"
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.fixture
def counting(folder: Path) -> Iterator[Counting]:
    counting = Counting(folder)
    yield counting
    for process in counting.running:
        process.kill()
        process.communicate()


def samples() -> dict[tuple[str, str], float]:
    """(sample, its last label's value) -> value."""
    with instruments.counted() as registry:
        text = generate_latest(registry).decode()
    return {
        (sample.name, next(reversed(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_any_process_tells_the_sums_of_all(counting: Counting) -> None:
    counting.start(3)
    counting.start(4)

    found = samples()

    assert found["gavel_comments_accepted_total", "live"] == 7
    assert found["gavel_batch_comments_count", ""] == 2


def test_a_killed_process_stays_counted_and_leaves_no_files(counting: Counting, folder: Path) -> None:
    for count in (1, 2, 4):
        counting.kill(counting.start(count))
    living = counting.start(8)

    instruments.bury_dead(folder)
    again = instruments.bury_dead(folder)

    found = samples()
    assert found["gavel_comments_accepted_total", "live"] == 15
    assert found["gavel_batch_comments_count", ""] == 4
    assert again == 0
    assert {path.stem.rpartition("_")[2] for path in folder.glob("*.db")} == {instruments.DEAD, str(living.pid)}


def test_a_model_that_no_living_process_uses_is_not_shown(counting: Counting, folder: Path) -> None:
    counting.kill(counting.start(1, version="old"))
    counting.start(1, version="new")

    instruments.bury_dead(folder)

    assert [version for (name, version) in samples() if name == "gavel_model_info"] == ["new"]


def test_threads_that_count_first_at_once_share_one_set_of_instruments() -> None:
    program = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from threading import Barrier\n"
        "from moderation.ground.monitoring.instruments import instruments\n"
        "start = Barrier(8)\n"
        "def ask(_):\n"
        "    start.wait()\n"
        "    return id(instruments())\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    assert len(set(pool.map(ask, range(8)))) == 1\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
