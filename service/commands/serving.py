"""``serve`` and ``migrate``."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from moderation.operations.composition import open_database
from moderation.operations.operating import home, migrating
from moderation.operations.operating.command_line import Operated
from moderation.pipeline.drafts import shared_token

PLAIN_HTTP = (
    "HOST=%s is reached from other machines, and PUBLIC_URL names no https:// address: nobody can log in at the desk "
    "over plain http. Put a proxy with TLS in front, and set PUBLIC_URL and TRUSTED_PROXIES"
)

log = logging.getLogger(__name__)


@click.command()
@click.pass_obj
def serve(context: Operated) -> None:
    """Serve the API and the desk until SIGTERM."""
    from service.server import serve as run  # noqa: PLC0415 - `migrate` needs no server

    context.settings.refuse_placeholders()
    home.enter(context.settings.gavel_home)
    if not context.settings.scoring_token:
        _make_token(context.settings.gavel_home)
    if context.settings.is_plain_http:
        log.warning(PLAIN_HTTP, context.settings.host)
    database = context.database()
    if migrating.is_newer(database):
        log.warning("a newer version has migrated the database")
    database.close()
    run(context.settings)


def _make_token(gavel_home: Path) -> None:
    """A full disk costs the texts that are not stored their scores, and no comment its way in."""
    try:
        shared_token.make(gavel_home)
    except OSError as e:
        log.error("no token for the scoring process: %s", e.strerror)


@click.command()
@click.pass_obj
def migrate(context: Operated) -> None:
    """Create the database's tables, or bring them up to date."""
    if not context.settings.database_url:
        home.make(context.settings.gavel_home)
    database = open_database(context.settings.resolved_database_url, pool_size=1)
    migrating.upgrade(database)
    with database.read() as conn:
        click.echo(f"the database is at revision {migrating.revision_of(conn)}")
