"""``statements export``: statements of reasons for the EU's transparency database, at a terminal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from moderation.law.statements import exporting, sending
from moderation.law.statements.sending import ToAddress
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import site_named

FILE = click.Path(path_type=Path, dir_okay=False)
EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def statements() -> None:
    """Statements of reasons, for the EU's transparency database."""


@statements.command("export")
@click.option("--site", "site_name", required=True, help="The site's name.")
@click.option("--from", "first", type=DAY, required=True, help="The first day, in UTC.")
@click.option("--to", "last", type=DAY, required=True, help="The last day.")
@click.option("--file", type=FILE, required=True, help="Where they go; with an address, the list of those it took.")
@click.option("--to-address", help="The address of the database's call for several statements: sends them there.")
@click.option("--token-file", type=EXISTING, help="The file with the database's token, for --to-address.")
@click.pass_obj
def export_statements(
    context: Operated,
    site_name: str,
    first: datetime,
    last: datetime,
    file: Path,
    to_address: str | None,
    token_file: Path | None,
) -> None:
    """Write the statements of these days to a file: on each line the body of one call, with up to 100 statements.

    The same command again adds those that the file lacks. With --to-address it sends them, and the file lists those
    that were taken.
    """
    if last < first:
        raise click.BadParameter("must not be before --from", param_hint="--to")
    if (to_address is None) != (token_file is None):
        raise click.UsageError("--to-address and --token-file go together")
    database = context.database()
    site_id = site_named(database, site_name)
    if to_address is not None and token_file is not None:
        to = ToAddress(to_address, token_file.read_text(encoding="utf-8").strip())
        total = sending.send(database, site_id, first.date(), last.date(), file, to)
        click.echo(f"{total.new} statements sent to {to_address}, {total.earlier} were sent before")
        return
    total = exporting.export(database, site_id, first.date(), last.date(), file)
    click.echo(f"{total.new} statements added to {file}, {total.earlier} were there")
