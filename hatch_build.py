"""Sets the package's dependencies when it is built. It reads them from the requirement files, so each range is written
once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

EXTRAS = ("web", "worker", "up", "torch")


class RequirementFiles(MetadataHookInterface):
    """Without an extra, only the core is installed, which runs no process."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fills in ``dependencies`` and ``optional-dependencies``."""
        folder = Path(self.root)
        metadata["dependencies"] = list(requirements(folder / "requirements-core.txt"))
        metadata["optional-dependencies"] = {
            extra: list(requirements(folder / f"requirements-{extra}.txt")) for extra in EXTRAS
        }


def requirements(file: Path) -> Iterator[str]:
    """The lines that name packages, also those in files that ``-r`` includes."""
    for line in (written.partition("#")[0].strip() for written in file.read_text(encoding="utf-8").splitlines()):
        if line.startswith("-r "):
            yield from requirements(file.parent / line[3:].strip())
        elif line:
            yield line
