"""Engines and transactions for SQLite and PostgreSQL, with the locking that each needs."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa
import uuid6
from psycopg.types.string import TextLoader
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from moderation.ground.database import usage
from moderation.ground.errors import GavelError, NotKept, StorageNotReady
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.encoded import stored

log = logging.getLogger(__name__)

SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON")
BEGIN = "begin"  # in a connection's info: how it begins a transaction on SQLite, if not as a writer


class Database:
    """One engine per process: make it after forking, never before."""

    def __init__(self, url: str, *, pool_size: int = 8, options: Mapping[str, object] | None = None) -> None:
        """``options`` are SQLAlchemy's execution options of all connections: callers may read their own from there.

        Raises StorageNotReady where an SQLite file cannot be opened, and while it is being restored.
        """
        self.url = _with_driver(url)
        self._in_use = _hold_file(self.url) if self.is_sqlite else None
        kept = dict(options or {})
        self.engine = _sqlite_engine(self.url, kept) if self.is_sqlite else _postgres_engine(self.url, pool_size, kept)
        event.listen(self.engine, "handle_error", _count_error)
        # SQLite makes a second writer sleep and retry, which is unfair; threads of one process can queue for their turn
        self._turn: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()
        self._writer: Connection | None = None

    @property
    def is_sqlite(self) -> bool:
        return make_url(self.url).get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot to read from. Nothing written in it is kept."""
        with self.engine.connect() as connection:
            info = connection.info
            info[BEGIN] = "BEGIN DEFERRED"
            try:
                yield connection
            finally:
                info.pop(BEGIN, None)  # a lost connection takes it along

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end. Never hold it while a model runs or a socket waits."""
        with self._turn, self._begin() as connection:
            yield connection

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        """SQLite's writers of one process, who have their turns anyway, have one connection too. It still knows the
        pages that it wrote last, where a connection behind which another one wrote reads all of them again."""
        if self._in_use is None:
            with self.engine.begin() as connection:
                yield connection
            return
        if self._writer is not None and self._writer.in_transaction():
            self._drop_writer()  # somebody used it after their turn
        if self._writer is None:
            self._writer = self._connected()
        try:
            with self._writer.begin():
                yield self._writer
        except GavelError:  # a refusal: the transaction was taken back
            raise
        except BaseException:  # a signal may even have come amid the rollback: nobody else gets this connection
            self._drop_writer()
            raise

    def _connected(self) -> Connection:
        """A connection that the pool has no more say in: closing it really does."""
        connection = self.engine.connect()
        connection.detach()
        connection.info.pop(BEGIN, None)
        return connection

    def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def disconnect(self) -> None:
        """Closes all connections that nobody uses. Others are opened when they are needed."""
        with self._turn:
            self._drop_writer()
        self.engine.dispose()

    def close(self) -> None:
        self.disconnect()
        if self._in_use is not None:
            self._in_use.close()


def new_id() -> str:
    """A UUIDv7 (RFC 9562). It sorts by creation time, so that indexes grow at one end."""
    return str(uuid6.uuid7())


def stay_alone(conn: Connection) -> None:
    """For the rest of a transaction of short queries, PostgreSQL starts no helpers and compiles nothing: with a million
    comments it expects more rows than there are, and either takes longer than such a query."""
    if conn.dialect.name == "postgresql":
        conn.execute(_ALONE)


_ALONE = sa.text("SELECT set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)")


def storage_is_away(error: BaseException) -> bool:
    """The database does not answer, is full, or cannot be written: the same again may well succeed later."""
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout) and not storage_refuses(error)


def storage_refuses(error: BaseException) -> bool:
    """The database answers and will never keep what it was given: the same again fails again, and other rows do not.

    On PostgreSQL a value beyond a limit (class 54, such as a row too long for an index) is an OperationalError too.
    https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    if isinstance(error, IntegrityError | DataError | UnicodeError):
        return True
    return isinstance(error, DBAPIError) and str(getattr(error.orig, "sqlstate", None)).startswith("54")


@contextmanager
def refusals() -> Iterator[None]:
    """Raises NotKept in place of the database's own refusal."""
    try:
        yield
    except Exception as e:
        if not storage_refuses(e):
            raise
        # Its message may quote what a reader wrote
        refused = {"kind": type(e).__name__, "sqlstate": getattr(getattr(e, "orig", None), "sqlstate", None)}
        log.warning("the database refused a value", extra=refused)
        raise NotKept from e


def _count_error(context: ExceptionContext) -> None:
    """A violated constraint is the caller's business; every other error is the database's."""
    if not isinstance(context.sqlalchemy_exception, IntegrityError):
        kind = type(context.sqlalchemy_exception or context.original_exception).__name__
        instruments().storage_errors.labels(kind).inc()


def first_id_at(moment: datetime) -> str:
    """The smallest id that ``new_id`` can make at that time."""
    return str(uuid.UUID(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62)))


def moment_of(id: str) -> datetime:
    """When the id was made, to the millisecond (RFC 9562, 5.7)."""
    return datetime.fromtimestamp(int(id.replace("-", "")[:12], 16) / 1000, UTC)


def _with_driver(url: str) -> str:
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def _postgres_engine(url: str, pool_size: int, options: Mapping[str, object]) -> Engine:
    # prepare_threshold=None: server-side prepared statements do not survive pgbouncer in transaction mode
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=4,
        pool_pre_ping=True,
        connect_args={"prepare_threshold": None},
        hide_parameters=True,
        json_serializer=stored,
        execution_options=options,
    )

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.adapters.register_loader("uuid", TextLoader)  # the server's text is ours: no objects between

    return engine


def _hold_file(url: str) -> TextIO | None:
    """The file is made for this user alone; SQLite gives its log beside it the same rights."""
    name = make_url(url).database
    if not name or name == ":memory:":
        return None
    path = Path(name)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = usage.hold(path)
        usage.private_file(path).close()
    except OSError as e:
        raise StorageNotReady(f"the database {path} cannot be opened for writing: {e.strerror or e}") from e
    return held


def _sqlite_engine(url: str, options: Mapping[str, object]) -> Engine:
    # An error must not put a comment's text into the log
    engine = sa.create_engine(url, hide_parameters=True, json_serializer=stored, execution_options=options)

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # we begin transactions ourselves, below
        for pragma in SQLITE_PRAGMAS:
            dbapi_connection.execute(f"PRAGMA {pragma}")

    def begin(dbapi_connection: Any) -> None:
        # A deferred transaction that reads and then writes fails with SQLITE_BUSY at once, whatever busy_timeout says
        dbapi_connection.execute(dbapi_connection.info.get(BEGIN, "BEGIN IMMEDIATE"))

    engine.dialect.do_begin = begin  # type: ignore[method-assign]  # an event would make every statement dearer
    return engine
