"""Gives the package its dependencies when it is built: from the requirement files, which hold each range once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

EXTRAS = ("web", "worker", "up", "torch")


class RequirementFiles(MetadataHookInterface):
    """Without an extra there is the core alone, which runs no process."""

    def update(self, metadata: dict[str, Any]) -> None:
        folder = Path(self.root)
        metadata["dependencies"] = list(requirements(folder / "requirements-core.txt"))
        metadata["optional-dependencies"] = {
            extra: list(requirements(folder / f"requirements-{extra}.txt")) for extra in EXTRAS
        }


def requirements(file: Path) -> Iterator[str]:
    """The lines that name packages, those of the files included that it refers to with ``-r``."""
    for line in (written.partition("#")[0].strip() for written in file.read_text(encoding="utf-8").splitlines()):
        if line.startswith("-r "):
            yield from requirements(file.parent / line[3:].strip())
        elif line:
            yield line
