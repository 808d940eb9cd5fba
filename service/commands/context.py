"""Commands share these: the operator, the queues, a site by its name, and how things are shown."""

from __future__ import annotations

import json
import os
import pwd
import sys

import click
from rich.console import Console

from moderation.errors import NotFound
from moderation.people import actors
from moderation.people.actors import Actor
from moderation.queueing.jobs import Queues, connect_for_web
from moderation.settings import Settings
from moderation.store import sites
from moderation.store.database import Database


def operator() -> Actor:
    """The person at the terminal, by their account on this machine where it has a name."""
    try:
        return actors.operator(pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:  # a container runs us under a number
        return actors.operator()


def queues_of(settings: Settings) -> Queues:
    """They fail at once when Redis is away: somebody waits at a terminal."""
    return Queues(connect_for_web(settings.resolved_redis_url), job_timeout_s=settings.batch_timeout_s)


def site_named(database: Database, name: str) -> str:
    """The site's id, by its name or its id. Raises NotFound."""
    with database.read() as conn:
        found = next((s for s in sites.all_sites(conn) if name in (s.name, s.id)), None)
    if found is None:
        raise NotFound("site", name)
    return found.id


def console() -> Console:
    """As wide as the terminal; wide enough for whole ids where the output goes into a file."""
    return Console() if sys.stdout.isatty() else Console(width=200)


def show_once(as_json: bool, **values: str) -> None:
    """Shows a secret of which only a digest is kept."""
    if as_json:
        click.echo(json.dumps(values))
        return
    for name, value in values.items():
        click.echo(f"{name:15} {value}")
    click.echo("Keep the key now: it is not shown again.", err=True)
