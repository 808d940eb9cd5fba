"""Gavel's own counters, for Prometheus. Each process has one set of instruments; the processes of one machine may
share a folder of memory-mapped files, so that any of them can report the sums of all, living and dead."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

from moderation.ground.monitoring import metric_files
from moderation.ground.monitoring.metric_files import PreallocatedDict

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # the client library reads it to find its files; `share` sets it
DEAD = "0"  # no process has this id: its files hold the counts of dead processes

LATENCY_S = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)
MODEL_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
REQUEST_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)
BATCH = (1, 2, 4, 8, 16, 24, 32, 64, 128, 256, 512)

log = logging.getLogger(__name__)

_making = threading.Lock()
_made: list[Instruments] = []  # the one of this process, once it is made


def _counter(name: str, counts: str, labels: Sequence[str] = ()) -> Any:
    return field(default_factory=partial(Counter, name, counts, labels))


def _histogram(name: str, measures: str, labels: Sequence[str] = (), *, buckets: Sequence[float]) -> Any:
    return field(default_factory=partial(Histogram, name, measures, labels, buckets=buckets))


def _gauge(
    name: str, shows: str, labels: Sequence[str] = (), *, multiprocess_mode: Literal["livesum", "livemax"]
) -> Any:
    return field(default_factory=partial(Gauge, name, shows, labels, multiprocess_mode=multiprocess_mode))


@dataclass(frozen=True, slots=True)
class Instruments:
    """Every counter and histogram. ``operating.vitals`` reads queues and ages at each scrape."""

    accepted: Counter = _counter("gavel_comments_accepted", "Comments stored", ["lane"])
    refused: Counter = _counter("gavel_comments_refused", "Comments and calls refused", ["reason"])
    demoted: Counter = _counter("gavel_comments_demoted", "Comments of a site over its share, moved behind the others'")
    decided: Counter = _counter(
        "gavel_decisions", "Decisions, by the first rule that made them", ["action", "rule", "by"]
    )
    campaign_copies: Counter = _counter("gavel_campaign_copies", "Comments that joined a campaign of several authors")
    shadow_verdicts: Counter = _counter(
        "gavel_shadow_verdicts", "Verdicts of policies in the shadow, beside the policy's", ["action", "policy"]
    )
    checks_drawn: Counter = _counter(
        "gavel_checks_drawn", "Comments drawn at random, by the policy's verdict", ["verdict"]
    )
    appeals: Counter = _counter(
        "gavel_appeals", "Appeals received, upheld, overturned, and settled before anybody decided them", ["state"]
    )
    alerts: Counter = _counter("gavel_alerts", "Alerts sent, tried without success, and given up", ["kind", "outcome"])
    decision_seconds: Histogram = _histogram(
        "gavel_decision_seconds", "From arrival or edit to the policy's decision", ["lane"], buckets=LATENCY_S
    )
    batch_comments: Histogram = _histogram("gavel_batch_comments", "Comments scored in one model call", buckets=BATCH)
    model_seconds: Histogram = _histogram("gavel_model_seconds", "Seconds of one model call", buckets=MODEL_S)
    scoring_failures: Counter = _counter(
        "gavel_scoring_failures", "Jobs that failed: retried, or for good", ["outcome"]
    )
    answers: Counter = _counter("gavel_answers", "Requests to score texts that are not stored", ["outcome"])
    answer_seconds: Histogram = _histogram(
        "gavel_answer_seconds", "From such a request to its scores", buckets=REQUEST_S
    )
    answers_waiting: Gauge = _gauge(
        "gavel_answers_waiting",
        "Texts that wait for such an answer",
        multiprocess_mode="livesum",
    )
    second_readings: Counter = _counter(
        "gavel_second_readings", "Comments that went to a second reader, by its answer", ["answer"]
    )
    second_reader_seconds: Histogram = _histogram(
        "gavel_second_reader_seconds", "Seconds of one call of a second reader", buckets=MODEL_S
    )
    sweeps: Counter = _counter("gavel_sweeps", "Sweeps made")
    swept: Counter = _counter("gavel_swept", "Comments that sweeps checked, enqueued again, or gave up", ["found"])
    retained: Counter = _counter(
        "gavel_retention_removed", "Comments and texts that the daily retention deleted", ["kind"]
    )
    deliveries: Counter = _counter("gavel_deliveries", "Attempts to deliver an event to a site", ["outcome"])
    delivery_seconds: Histogram = _histogram("gavel_delivery_seconds", "Seconds of one attempt", buckets=REQUEST_S)
    storage_errors: Counter = _counter("gavel_storage_errors", "Errors of the database", ["kind"])
    queue_errors: Counter = _counter("gavel_queue_errors", "Errors of Redis", ["operation"])
    requests: Counter = _counter("gavel_http_requests", "Requests answered", ["endpoint", "method", "status"])
    request_seconds: Histogram = _histogram(
        "gavel_http_request_seconds", "Seconds of one request", ["endpoint"], buckets=REQUEST_S
    )
    model: Gauge = _gauge(
        "gavel_model_info",
        "1 for each model in use",
        ["name", "version"],
        multiprocess_mode="livemax",
    )


def instruments() -> Instruments:
    """This process's instruments. Made once, by the first thread that asks, so that ``share`` can be called before."""
    if _made:
        return _made[0]
    with _making:
        if not _made:
            _made.append(Instruments())
    return _made[0]


def share(folder: Path) -> None:
    """Keeps this process's counts in ``folder``, where other processes of this machine keep theirs.

    Call it once, before anything is counted. The folder belongs to one machine or container, because processes differ
    only by their ids. Where it cannot be written, counting goes on without it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        bury_dead(folder)
    except OSError as e:
        log.warning("counts are not shared, each process reports its own: %s", e)
        return
    os.environ[FOLDER_VARIABLE] = str(folder)
    metric_files.use()
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]


def shared_folder() -> Path | None:
    """The folder in which the processes of this machine share their counts; None if there is none."""
    path = os.environ.get(FOLDER_VARIABLE)
    return Path(path) if path else None


@contextmanager
def counted() -> Iterator[CollectorRegistry]:
    """A registry to scrape, with the sums over all processes of a shared folder, or this process's own counts."""
    folder = shared_folder()
    if folder is None:
        yield REGISTRY
        return
    registry = CollectorRegistry()
    with _lock(folder, fcntl.LOCK_SH):  # nobody moves counts from one file to another meanwhile
        MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
        yield registry


def bury_dead(folder: Path) -> int:
    """Adds the counts of dead processes into one file, and returns how many files that saved.

    Without it every restart would leave files behind, and each scrape would read them all.
    """
    with _lock(folder, fcntl.LOCK_EX):
        dead = [path for path in folder.glob("*_*.db") if not _is_alive(_pid_of(path))]
        buried = [path for path in dead if path.name.startswith("gauge_")]  # of processes that have ended
        for kind in ("counter", "histogram"):
            files = [path for path in dead if path.name.startswith(f"{kind}_")]
            buried += files if _add_up(folder / f"{kind}_{DEAD}.db", files) else []
        for path in buried:
            path.unlink()
    return len(buried)


def _add_up(into: Path, files: list[Path]) -> bool:
    """False, and nothing is changed, where the disk has no room for the sums."""
    sums: defaultdict[str, float] = defaultdict(float)
    for path in files:
        for key, value in metric_files.read(str(path)):
            sums[key] += value
    if not sums:
        return True
    kept = PreallocatedDict(str(into))
    kept.make_room(sums)
    if kept.is_on_disk:
        for key, value in sums.items():
            before, _timestamp = kept.read_value(key)  # type: ignore[no-untyped-call]
            kept.write_value(key, before + value, 0.0)  # type: ignore[no-untyped-call]
    was_added = kept.is_on_disk
    kept.close()
    return was_added


def _pid_of(path: Path) -> str:
    return path.stem.rpartition("_")[2]


def _is_alive(pid: str) -> bool:
    if pid == DEAD:
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        return True
    return True


@contextmanager
def _lock(folder: Path, how: int) -> Iterator[None]:
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, how)
        yield
