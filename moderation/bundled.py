"""Finds the folders that come with the code: migrations and weights."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def bundled(package: str, folder: str) -> Path:
    """Inside the package in a wheel, where pyproject.toml puts it; beside the package in a checkout."""
    home = Path(str(files(package)))
    inside = home / folder
    return inside if inside.is_dir() else home.parent / folder
