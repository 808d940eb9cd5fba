"""Parts that the commands of the web service share: the queues, and the form of the output."""

from __future__ import annotations

import json
import sys

import click
from rich.console import Console

from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues, connect_for_web


def queues_of(settings: Settings) -> Queues:
    """The queues. They fail at once if Redis does not answer, since somebody is waiting at a terminal."""
    return Queues(connect_for_web(settings.resolved_redis_url), job_timeout_s=settings.batch_timeout_s)


def console() -> Console:
    """As wide as the terminal; if the output goes to a file, wide enough for whole ids."""
    return Console() if sys.stdout.isatty() else Console(width=200)


def show_once(as_json: bool, **values: str) -> None:
    """Prints values, among them a secret that is stored only as a digest."""
    if as_json:
        click.echo(json.dumps(values))
        return
    for name, value in values.items():
        click.echo(f"{name:15} {value}")
    click.echo("Keep the key now: it is not shown again.", err=True)
