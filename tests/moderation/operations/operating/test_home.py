"""The folder belongs to one Gavel at a time, and what is in it to one user."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import SettingsError
from moderation.operations.operating import home


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def run(code: str, folder: Path) -> None:
    """In a process of its own, which starts with an open umask and may narrow it."""
    begins = "import os, pathlib, sys; os.umask(0o022); folder = pathlib.Path(sys.argv[1])\n"
    subprocess.run([sys.executable, "-c", begins + code, str(folder)], check=True)


def test_a_home_belongs_to_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        home.locked(tmp_path),
        pytest.raises(home.HomeInUse, match=f"already runs in .*, as process {os.getpid()}"),
        home.locked(tmp_path),
    ):
        pass


def test_a_home_is_free_again_however_its_process_ended(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys\nfrom moderation.operations.operating.home import locked\n"
        "with locked(pathlib.Path(sys.argv[1])): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 9

    with home.locked(tmp_path):
        assert (tmp_path / "lock").read_text().strip() == str(os.getpid())


def test_what_is_made_is_for_this_user_alone(tmp_path: Path) -> None:
    run(
        "from moderation.operations.operating import home; home.enter(folder)\n"
        "(folder / 'anything').write_text('x'); (folder / 'log').mkdir()",
        tmp_path / "home",
    )

    assert mode(tmp_path / "home") == 0o700
    assert mode(tmp_path / "home" / "anything") == 0o600
    assert mode(tmp_path / "home" / "log") == 0o700


def test_a_database_is_for_this_user_alone_also_without_a_process_that_stays(tmp_path: Path) -> None:
    run(
        "from moderation.ground.database.engine import Database\n"
        "from moderation.operations.all_tables import metadata\n"
        "db = Database(f'sqlite:///{folder}/gavel.db'); metadata.create_all(db.engine)\n"
        "with db.read() as conn: conn.exec_driver_sql('SELECT 1')\n"
        "os._exit(0)  # as a killed one, which leaves its log behind",
        tmp_path / "home",
    )

    found = {path.name: mode(path) for path in (tmp_path / "home").iterdir()}
    assert {"gavel.db", "gavel.db-wal"} <= found.keys()
    assert set(found.values()) == {0o600}
    assert mode(tmp_path / "home") == 0o700


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    run(
        "folder.mkdir(); (folder / 'gavel.db').touch(); (folder / 'gavel.db-wal').touch()\n"
        "from moderation.operations.operating import home; home.enter(folder)",
        tmp_path / "home",
    )

    assert {path.name: mode(path) for path in (tmp_path / "home").iterdir()} == {
        "gavel.db": 0o600,
        "gavel.db-wal": 0o600,
    }
    assert mode(tmp_path / "home") == 0o700


@pytest.mark.parametrize("made_by", ["others", "sticky"])
def test_a_folder_that_others_live_in_stays_open_to_them(tmp_path: Path, made_by: str) -> None:
    make = "(folder / 'gavel.db').touch(); folder.chmod(0o1777)" if made_by == "sticky" else "folder.chmod(0o755)"
    run(
        f"folder.mkdir(); {make}\nfrom moderation.operations.operating import home; home.enter(folder)",
        tmp_path / "home",
    )

    assert mode(tmp_path / "home") & 0o077 != 0


@pytest.mark.parametrize("place", ["a-file/home", "/proc/gavel"])
def test_a_home_that_cannot_be_written_stops_the_start_with_a_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-file").touch()

    with pytest.raises(SettingsError, match=r"^GAVEL_HOME: cannot write in "):
        home.make(tmp_path / place)


def test_a_database_in_use_and_one_that_is_restored_keep_each_other_out(tmp_path: Path) -> None:
    from moderation.ground.database import usage
    from moderation.ground.errors import StorageNotReady

    url = Settings(gavel_home=tmp_path).resolved_database_url
    first, second = Database(url), Database(url)
    first.close()
    with pytest.raises(StorageNotReady, match="is in use"), usage.nobody_else(tmp_path / "gavel.db"):
        pass
    second.close()

    with usage.nobody_else(tmp_path / "gavel.db"), pytest.raises(StorageNotReady, match="is being restored"):
        Database(url)
    Database(url).close()
