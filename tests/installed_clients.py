"""Programs of others that tests run: installed once, each set into a folder of this Python environment."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

INSTALL_S, RUN_S = 600, 300
MAY_SKIP = not os.environ.get("CI")  # continuous integration has every client, or fails


def installed(name: str, packages: tuple[str, ...], install: Callable[[Path], None]) -> Path:
    """A folder with these packages, made once. It appears under its name when it is whole."""
    stamp = hashlib.sha256(" ".join((sys.version, *packages)).encode()).hexdigest()[:12]
    folder = Path(sys.prefix) / "clients" / f"{name}-{stamp}"
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder.parent))
        install(part)
        try:
            part.rename(folder)
        except OSError:  # another run was faster
            shutil.rmtree(part)
    return folder


def python_with(name: str, *packages: str) -> Path:
    """The interpreter of an environment of its own with these packages."""

    def install(folder: Path) -> None:
        uv = [sys.executable, "-m", "uv"]  # pip takes minutes for the largest of these clients
        run([*uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)], INSTALL_S)
        run([*uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *packages], INSTALL_S)

    return installed(name, packages, install) / "bin" / "python"


def node_modules_with(name: str, *packages: str) -> Path:
    """A folder ``node_modules`` with these packages. Their install scripts do not run."""

    def install(folder: Path) -> None:
        options = ("--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder))
        run(["npm", "install", *options, *packages], INSTALL_S)

    return installed(name, packages, install) / "node_modules"


def run(
    command: list[str], timeout_s: int = RUN_S, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """The standard output. A failure is that of the test, with everything that was printed."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout
