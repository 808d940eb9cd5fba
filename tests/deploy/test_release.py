"""A release: from a clean checkout with notes only, and with everything that an installation needs."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from deploy import release
from deploy.release import NoRelease
from gavel import __version__

ROOT = Path(__file__).parents[2]
CHANGELOG = "# Changelog\n\n## Unreleased\n\n- Later.\n\n## 1.2.0 (2026-05-01)\n\n- Doors.\n\n## 1.1.0\n\n- Walls.\n"


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clean one of its own."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "CHANGELOG.md").write_text(CHANGELOG)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Begin")
    return folder


def test_a_checkout_with_changes_is_refused(checkout: Path, tmp_path: Path) -> None:
    (checkout / "new.py").write_text("")

    with pytest.raises(NoRelease, match=r"commit or put aside first: new\.py"):
        release.release(checkout, tmp_path / "dist", "1.2.0")

    assert not (tmp_path / "dist").exists()


def test_a_version_without_notes_is_refused(checkout: Path, tmp_path: Path) -> None:
    with pytest.raises(NoRelease, match=r"nothing under the heading '## 1\.3\.0'"):
        release.release(checkout, tmp_path / "dist", "1.3.0")

    assert not (tmp_path / "dist").exists()


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoRelease, match="is no git checkout"):
        release.release(tmp_path, tmp_path / "dist", "1.2.0")


def test_the_notes_are_the_changelogs_section_and_no_more() -> None:
    assert release.notes_of(CHANGELOG, "1.2.0") == "# Gavel 1.2.0\n\n- Doors.\n"
    assert release.notes_of(CHANGELOG, "1.1.0") == "# Gavel 1.1.0\n\n- Walls.\n"


@pytest.mark.parametrize("version", ["1.2", "1.2.00", "2.0"])
def test_a_version_is_not_another_that_begins_like_it(version: str) -> None:
    with pytest.raises(NoRelease):
        release.notes_of(CHANGELOG, version)


def test_the_version_of_the_code_has_notes() -> None:
    notes = release.notes_of((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), __version__)

    assert notes.startswith(f"# Gavel {__version__}\n")


def test_a_heading_with_nothing_under_it_is_no_notes() -> None:
    with pytest.raises(NoRelease):
        release.notes_of("## 1.0.0\n\n## 0.9.0\n\n- Roof.\n", "1.0.0")


def test_a_release_holds_what_an_installation_needs(release_files: Path) -> None:
    assert {path.name for path in release_files.iterdir()} == {
        f"gavel-{__version__}-py3-none-any.whl",
        f"gavel-{__version__}.tar.gz",
        f"NOTES-{__version__}.md",
        "wordpress-gavel-1.0.0.zip",
        "SHA256SUMS",
        *release.LOCKS,
    }


def test_the_wordpress_plugin_is_packed_whole_in_its_folder(release_files: Path) -> None:
    with ZipFile(release_files / "wordpress-gavel-1.0.0.zip") as archive:
        packed = set(archive.namelist())

    plugin = ROOT / release.PLUGIN
    assert packed == {f"gavel/{path.relative_to(plugin)}" for path in plugin.rglob("*") if path.is_file()}
    assert {"gavel/gavel.php", "gavel/readme.txt", "gavel/uninstall.php", "gavel/languages/gavel.pot"} <= packed


def test_the_sums_are_those_of_the_files(release_files: Path) -> None:
    sums = dict(line.split("  ")[::-1] for line in (release_files / "SHA256SUMS").read_text().splitlines())

    assert sums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in release_files.iterdir()
        if path.name != "SHA256SUMS"
    }


def test_the_source_archive_builds_the_same_wheel(release_files: Path, tmp_path: Path) -> None:
    with tarfile.open(release_files / f"gavel-{__version__}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / f"gavel-{__version__}"

    release.build(source, tmp_path / "dist", __version__, "notes")

    name = f"gavel-{__version__}-py3-none-any.whl"
    assert (source / "docs" / "install-debian.md").exists() and (source / "docker-compose.yml").exists()
    with ZipFile(tmp_path / "dist" / name) as again, ZipFile(release_files / name) as first:
        assert again.namelist() == first.namelist()
