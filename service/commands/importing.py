"""``import``: brings a newsroom's history in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from moderation.ground.database.engine import Database
from moderation.operations.importing import formats, running
from moderation.operations.importing.reading import ArchiveSource, Bad, NotReadable
from moderation.operations.importing.running import Summary
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.spine.comments import fact_rows as facts
from service.context import utc_now

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class NameAndValue(click.ParamType[tuple[str, str]]):
    """``name=value``."""

    name = "name=value"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Fails without an equals sign."""
        first, sign, second = str(value).partition("=")
        if not sign or not first or not second:
            self.fail(f"{value!r} is not of the form name=value", param, ctx)
        return first, second


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--site", "site_name", required=True, metavar="SITE", help="The site, by name or id.")
@click.option("--format", "format_", type=click.Choice(tuple(formats.FORMATS)), help="Else the file's beginning says.")
@click.option(
    "--map", "columns", type=NameAndValue(), multiple=True, help="CSV: our field=their column. Repeat for each."
)
@click.option(
    "--status", "statuses", type=NameAndValue(), multiple=True, help="CSV: their status=published, rejected or skip."
)
@click.option("--stories", type=FILE, help="Coral: the collection of stories.")
@click.option("--users", type=FILE, help="Coral: the collection of users.")
@click.option(
    "--deleted-as",
    type=click.Choice(("published", "rejected")),
    help="Disqus: take deleted comments in as such; they are left out otherwise.",
)
@click.option("--dry-run", is_flag=True, help="Say what would come in, and store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def import_history(
    ctx: click.Context,
    file: Path,
    site_name: str,
    format_: str | None,
    columns: tuple[tuple[str, str], ...],
    statuses: tuple[tuple[str, str], ...],
    stories: Path | None,
    users: Path | None,
    deleted_as: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring the past comments of FILE into SITE, as they were decided then.

    They are history: searchable, in their authors' records, and never sent, queued or scored. Comments that the site
    has already stay as they are, so an import that was cut off can be run again. Each line that cannot be read is named
    on standard error; the exit status is then 1. docs/importing.md describes the formats.
    """
    operated: Operated = ctx.obj
    source = partial(
        ArchiveSource, columns=dict(columns), statuses=dict(statuses), stories=stories, users=users, deleted=deleted_as
    )
    with closing(operated.database()) as database:
        site_id = site_named(database, site_name)
        try:
            summary = _import(database, site_id, file, format_ or formats.likely_format(file), source, dry_run=dry_run)
        except NotReadable as e:
            raise click.ClickException(str(e)) from e
    if not (summary.broke_off and summary.is_empty):
        _print(summary, dry_run, as_json)
    if summary.broke_off:
        raise click.ClickException(summary.broke_off)
    if summary.bad:
        ctx.exit(1)


def _import(
    database: Database, site_id: str, file: Path, format_: str, source: Callable[..., ArchiveSource], *, dry_run: bool
) -> Summary:
    digest = None if dry_run else _digest(database, site_id)
    with _opened(file) as (stream, advance):
        return running.run(
            database,
            site_id,
            formats.FORMATS[format_](source(stream, digest=digest)),
            subject=file.name,
            by=operator(),
            now=utc_now,
            dry_run=dry_run,
            on_bad=_name,
            on_batch=advance,
        )


@contextmanager
def _opened(file: Path) -> Iterator[tuple[BinaryIO, Callable[[Summary], None]]]:
    """The file, and a function that moves the progress bar to the place that was read."""
    bar = (TextColumn("{task.fields[comments]:,} comments"), BarColumn(40), DownloadColumn(), TimeRemainingColumn())
    with file.open("rb") as stream, Progress(*bar, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=file.stat().st_size, comments=0)

        def advance(summary: Summary) -> None:
            at = None if stream.closed else stream.tell()
            progress.update(task, completed=at, comments=summary.new + summary.known)

        yield stream, advance


def _digest(database: Database, site_id: str) -> Callable[[str], str]:
    with database.write() as conn:
        return facts.address_digester(conn, site_id)


def _name(bad: Bad) -> None:
    click.echo(f"import: {bad.place}: {bad.why}", err=True)


def _print(summary: Summary, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**summary.report, "dry_run": dry_run}))
        return
    click.echo(
        f"{summary.new:,} comments {'would come in' if dry_run else 'came in'}, {summary.known:,} were there already."
    )
    if summary.earliest and summary.latest:
        counted = ", ".join(f"{count:,} {status}" for status, count in sorted(summary.statuses.items()))
        click.echo(f"Read: {counted}, posted from {summary.earliest:%Y-%m-%d} to {summary.latest:%Y-%m-%d}.")
    for what, count in sorted(summary.noted.items()):
        click.echo(f"Of these, {count:,} {what}: {_places(summary.places[what], count)}.")
    if summary.orphans:
        click.echo(f"{summary.orphans:,} replies have no parent here and stand by themselves.")
    for why, count in sorted(summary.skipped.items()):
        click.echo(f"Left out: {count:,} {why}.")
    if summary.bad:
        click.echo(f"{summary.bad:,} could not be read: see above.", err=True)


def _places(places: Sequence[str], count: int) -> str:
    return ", ".join(places) + (" and others" if count > len(places) else "")
