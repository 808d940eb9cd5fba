"""The result of one check, and the line to change where something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """``part`` is what was looked at; ``change`` is the line to write, and where, for everything that is not ok."""

    level: Level
    part: str
    found: str
    change: str = ""


def ok(part: str, state: str) -> Finding:
    return Finding(Level.OK, part, state)


def warning(part: str, problem: str, change: str) -> Finding:
    return Finding(Level.WARNING, part, problem, change)


def error(part: str, problem: str, change: str) -> Finding:
    return Finding(Level.ERROR, part, problem, change)
