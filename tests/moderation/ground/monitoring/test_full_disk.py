"""Counting on a full disk: it costs counts, and no process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from moderation.ground.monitoring import instruments, metric_files
from moderation.ground.monitoring.metric_files import FIRST_BYTES, PreallocatedDict
from tests.full_disk import fill, small_disk

ROOT = Path(__file__).parents[4]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    try:
        with small_disk(tmp_path / "disk", "1m") as disk:
            yield disk
    except PermissionError as e:
        pytest.skip(f"needs a file system of its own: {e}")


def counts(folder: Path, *, before: str = "", after: str = "") -> subprocess.CompletedProcess[str]:
    """A process that counts, as all of ours do, and prints the numbers for Prometheus."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom prometheus_client import generate_latest\n"
        "from moderation.ground.monitoring import instruments\nfrom tests.full_disk import fill\n"
        f"folder = Path(sys.argv[1])\n{before}\n"
        "instruments.share(folder / 'metrics')\nmade = instruments.instruments()\n"
        f"made.accepted.labels('live').inc(3)\n{after}\n"
        "with instruments.counted() as registry: text = generate_latest(registry).decode()\n"
        "print(*(line for line in text.splitlines() if line.startswith('gavel_comments_accepted_total')))"
    )
    command = [sys.executable, "-c", code, str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_process_that_starts_on_a_full_disk_lives_and_answers(disk: Path) -> None:
    done = counts(disk, before="fill(folder)")

    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr


def test_a_disk_that_fills_up_later_takes_no_counts_away(disk: Path) -> None:
    more = (
        "fill(folder)\nfor n in range(5000): made.requests.labels(f'/v1/a-rather-long-route/{n}', 'GET', '200').inc()"
    )

    done = counts(disk, after=more)

    assert done.returncode == 0, done.stderr  # SIGBUS would be -7
    assert done.stdout == 'gavel_comments_accepted_total{lane="live"} 3.0\n'


def test_counts_of_the_dead_are_kept_until_there_is_room_for_their_sum(disk: Path) -> None:
    assert counts(disk).returncode == 0
    folder = disk / "metrics"
    for gauge in folder.glob("gauge_*.db"):  # goes with its process, and its going makes room
        gauge.unlink()
    filler = fill(disk)
    left = sorted(path.name for path in folder.glob("*.db"))

    assert instruments.bury_dead(folder) == 0
    assert sorted(path.name for path in folder.glob("*.db")) == left
    filler.unlink()
    assert instruments.bury_dead(folder) == 2

    sums = dict(metric_files.read(str(folder / "counter_0.db")))
    assert 3.0 in sums.values()


def test_every_byte_has_its_place_before_it_is_used(tmp_path: Path) -> None:
    kept = PreallocatedDict(str(tmp_path / "counter_1.db"))
    for number in range(2000):
        kept.write_value(f"a key of some length {number}", 1.0, 0.0)  # type: ignore[no-untyped-call]

    found = (tmp_path / "counter_1.db").stat()
    assert found.st_size > FIRST_BYTES
    assert found.st_blocks * 512 >= found.st_size
    kept.close()
    assert len(metric_files.read(str(tmp_path / "counter_1.db"))) == 2000


def test_holes_that_an_earlier_version_left_are_filled(tmp_path: Path) -> None:
    path = tmp_path / "counter_1.db"
    with path.open("wb") as file:
        file.truncate(FIRST_BYTES)

    PreallocatedDict(str(path)).close()

    assert path.stat().st_blocks * 512 >= FIRST_BYTES


def test_an_empty_file_counts_nothing(tmp_path: Path) -> None:
    (tmp_path / "counter_999999.db").touch()

    assert instruments.bury_dead(tmp_path) == 1
    assert list(tmp_path.glob("*.db")) == []
