"""Looks a whole set-up over, from the outside in, and says for each thing whether it is well. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from moderation.ground.environment.settings import Settings
from moderation.operations.operating.doctor import (
    database,
    environment,
    front_door,
    home,
    models,
    processes,
    queue,
    webhooks,
)
from moderation.operations.operating.doctor.findings import Finding, Level, ok

__all__ = ["Finding", "Level", "examine"]


def examine(environ: Mapping[str, str], *, now: datetime) -> list[Finding]:
    """With settings that cannot be read, there is nothing else to look at."""
    findings = environment.check(environ)
    if any(finding.level is Level.ERROR for finding in findings) and Settings.mistakes(environ):
        return findings
    settings = Settings.from_env(environ)
    findings += home.check(settings)
    findings += database.check(settings)
    findings += queue.check(settings)
    opened = database.opened(settings)
    try:
        findings += processes.check(settings, opened, now=now)
        findings += front_door.check(settings, now=now)
        findings += webhooks.check(settings, opened)
        findings += models.check(settings, opened)
    finally:
        if opened is not None:
            opened.close()
    return [
        *findings,
        ok("mail", "Gavel sends none: people pass on invitations and new passwords themselves"),
    ]
