"""A MariaDB in a folder of its own, on loopback, stopped by its process."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import free_port
from tests.integrations.wordpress.packages import Packages
from tests.waiting import eventually

NAME, USER, PASSWORD = "wordpress", "wordpress", "only-on-loopback"
TABLES = ("mariadb_system_tables.sql", "mariadb_system_tables_data.sql")
SMALL = (
    "--innodb-log-file-size=4M", "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0",
    "--skip-log-bin", "--user=root",
)  # fmt: skip


@contextmanager
def running(packages: Packages, folder: Path) -> Iterator[int]:
    """Its port."""
    folder.mkdir()
    command = [
        str(packages.mariadbd), "--no-defaults", f"--datadir={folder}",
        f"--lc-messages-dir={packages.messages}", *SMALL,
    ]  # fmt: skip
    subprocess.run([*command, "--bootstrap"], input=_bootstrap(packages), capture_output=True, check=True, timeout=120)
    port = free_port()
    listening = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder / 'socket'}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, *listening], stdout=log, stderr=log)
        try:
            eventually(
                lambda: b"ready for connections" in (folder / "log").read_bytes(),
                within_s=60,
                says=lambda: (folder / "log").read_text(errors="replace")[-2000:],
            )
            yield port
        finally:
            process.terminate()
            process.wait(60)


def _bootstrap(packages: Packages) -> bytes:
    """The server's own tables, and a user with one database."""
    own = "".join((packages.messages / name).read_text(encoding="utf-8") for name in TABLES)
    return "\n".join(
        (
            "CREATE DATABASE mysql;", "USE mysql;", own,
            "FLUSH PRIVILEGES;",
            f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4;",
            f"CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';",
            f"GRANT ALL ON {NAME}.* TO '{USER}'@'127.0.0.1';", "",
        )
    ).encode()  # fmt: skip
