"""Finds the folders that come with the code: migrations and models."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def bundled(package: str, folder: str) -> Path:
    """The folder inside the package if Gavel was installed as a wheel (pyproject.toml puts it there), else the one
    beside the package in a checkout."""
    home = Path(str(files(package)))
    inside = home / folder
    return inside if inside.is_dir() else home.parent / folder
