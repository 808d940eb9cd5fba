"""Reads the findings that a test of the doctor is about."""

from __future__ import annotations

from collections.abc import Iterable

from moderation.operations.operating.doctor.findings import Finding, Level


def only(found: Iterable[Finding], level: Level) -> Finding:
    """The one finding of that level; fails where there are more or none."""
    (finding,) = [each for each in found if each.level is level]
    assert finding.change or level is Level.OK
    return finding


def wrong(found: Iterable[Finding]) -> list[str]:
    return [f"{each.level}: {each.found}" for each in found if each.level is not Level.OK]
