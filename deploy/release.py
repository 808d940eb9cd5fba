"""``./run.sh release``: the files of a release in dist/, from a clean checkout whose changelog names the version."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from gavel import __version__

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements-up.lock", "requirements-web.lock", "requirements-worker.lock")
SUMS = "SHA256SUMS"
PLUGIN = Path("integrations", "wordpress", "gavel")
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can name: the same files make the same bytes


class NoRelease(Exception):
    """The problems that must be solved first."""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run.sh release", description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="the folder (default: dist)")
    options = parser.parse_args(argv)
    try:
        paths = release(ROOT, options.into, __version__)
    except NoRelease as e:
        print(f"release: {e}", file=sys.stderr)
        return 1
    print("\n".join(str(path) for path in paths))
    return 0


def release(root: Path, into: Path, version: str) -> list[Path]:
    """Raises NoRelease before it makes anything."""
    refuse_changes(root)
    notes = notes_of((root / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    return build(root, into, version, notes)


def refuse_changes(root: Path) -> None:
    status = ["git", "status", "--porcelain"]
    outcome = subprocess.run(status, cwd=root, capture_output=True, text=True, check=False)
    if outcome.returncode:
        raise NoRelease(f"{root} is no git checkout: {outcome.stderr.strip()}")
    if changed := [line[3:] for line in outcome.stdout.splitlines()]:
        raise NoRelease(f"commit or put aside first: {', '.join(changed[:5])}{' …' if len(changed) > 5 else ''}")


def notes_of(changelog: str, version: str) -> str:
    """The changelog's section of a version, whose heading may have a date behind it."""
    section = re.search(rf"^## {re.escape(version)}(?: [^\n]*)?\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if section is None or not section[1].strip():
        raise NoRelease(f"CHANGELOG.md has nothing under the heading '## {version}': write what users notice")
    return f"# Gavel {version}\n\n{section[1].strip()}\n"


def build(root: Path, into: Path, version: str, notes: str) -> list[Path]:
    """The wheel, the source archive, the locks that it is installed with, the WordPress plugin, notes, and the sums of
    them all."""
    into.mkdir(parents=True, exist_ok=True)
    for old in (*into.glob("gavel-*"), *into.glob("wordpress-gavel-*"), *into.glob("NOTES-*")):
        old.unlink()
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--target", "sdist"]
    built = subprocess.run(
        [*command, "--directory", str(into)],
        cwd=root,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(moment_of_commit(root))},
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        raise NoRelease(f"hatchling failed: {built.stderr.strip()}")
    for lock in LOCKS:
        shutil.copy(root / lock, into / lock)
    (into / f"NOTES-{version}.md").write_text(notes, encoding="utf-8")
    plugin = pack_plugin(root / PLUGIN, into)
    paths = sorted([*into.glob("gavel-*"), *(into / lock for lock in LOCKS), plugin, into / f"NOTES-{version}.md"])
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths)
    (into / SUMS).write_text(sums, encoding="ascii")
    return [*paths, into / SUMS]


def pack_plugin(plugin: Path, into: Path) -> Path:
    """The plugin as WordPress takes it: a zip with its folder, named by the plugin's own version."""
    said = re.search(r"^ \* Version: +(\S+)$", (plugin / "gavel.php").read_text(encoding="utf-8"), re.MULTILINE)
    if said is None:
        raise NoRelease(f"{plugin / 'gavel.php'} names no version")
    packed = into / f"wordpress-gavel-{said[1]}.zip"
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for file in sorted(path for path in plugin.rglob("*") if path.is_file()):
            entry = ZipInfo(str(Path(plugin.name) / file.relative_to(plugin)), EARLIEST)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), ZIP_DEFLATED)
    return packed


def moment_of_commit(root: Path) -> int:
    """Seconds: the same commit makes the same bytes."""
    shown = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=root, capture_output=True, text=True, check=False
    ).stdout.strip()
    return int(shown or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
