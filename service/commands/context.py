"""Parts that the commands share: the operator, the queues, a site by its name, and the form of the output."""

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
    """The person at the terminal, by the name of their account on this machine, if it has one."""
    try:
        return actors.operator(pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:  # a container runs us under a number without a name
        return actors.operator()


def queues_of(settings: Settings) -> Queues:
    """The queues. They fail at once if Redis does not answer, since somebody is waiting at a terminal."""
    return Queues(connect_for_web(settings.resolved_redis_url), job_timeout_s=settings.batch_timeout_s)


def site_named(database: Database, name: str) -> str:
    """The id of the site with this name or id. Raises NotFound."""
    with database.read() as conn:
        found = next((s for s in sites.all_sites(conn) if name in (s.name, s.id)), None)
    if found is None:
        raise NotFound("site", name)
    return found.id


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
