"""``transparency-report``: the transparency report of a site's moderation, at a terminal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from moderation.insight.checks.error_rates import errors_between
from moderation.law.transparency_report import counting
from moderation.law.transparency_report.table import COLUMNS, lines
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import site_named
from service import csv_tables
from service.commands.statements import DAY, FILE
from service.desk.transparency_report import readers_page
from service.languages import catalogues, choice


@click.command()
@click.option("--site", "site_name", required=True, help="The site's name.")
@click.option("--from", "first", type=DAY, required=True, help="The first day, in UTC.")
@click.option("--to", "last", type=DAY, required=True, help="The last day, at most 365 days later.")
@click.option("--csv", "table", type=FILE, help="Where the sums go; without it they are printed.")
@click.option("--html", "page", type=FILE, help="Where the page for readers goes.")
@click.option("--language", type=click.Choice(catalogues.codes()), default="en", show_default=True, help="Of the page.")
@click.pass_obj
def transparency_report(
    context: Operated,
    site_name: str,
    first: datetime,
    last: datetime,
    table: Path | None,
    page: Path | None,
    language: str,
) -> None:
    """Count the transparency report of a site: as CSV (RFC 4180, UTF-8) in the order of the Commission's template, and
    as a page for readers."""
    if last < first:
        raise click.BadParameter("must not be before --from", param_hint="--to")
    database = context.database()
    counted = counting.transparency_report(
        database, site_named(database, site_name), first.date(), last.date(), errors_of=errors_between
    )
    sums = csv_tables.as_csv([COLUMNS, *(line.cells for line in lines(counted))])
    if page is not None:
        with choice.speaking(language):
            page.write_text(readers_page.html(counted), encoding="utf-8")
        click.echo(f"{page} written", err=True)
    if table is None:
        click.echo(sums, nl=False)
        return
    table.write_bytes(sums.encode())
    click.echo(f"{table} written", err=True)
