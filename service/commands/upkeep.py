"""``dead``, ``retain``, ``retention``, ``backup`` and ``restore``: operators keep Gavel in order with these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from redis.exceptions import RedisError
from rich.table import Table

from moderation.ground.database import backups
from moderation.ground.monitoring import logs
from moderation.operations.operating import failed_items as dead_letters
from moderation.operations.operating import home, restoring
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.deleting import retention
from moderation.operations.operating.deleting.retention import WORDS, Deletion
from moderation.operations.operating.deleting.settings import KEPT
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import sites
from service.commands.context import console, queues_of
from service.context import utc_now

RETENTION = (*KEPT.values(), "keep_withdrawn_text_days")


def _days_option(kind: str, help: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(f"--keep-{kind}-days", f"--{kind}", help=help)


@click.group()
def dead() -> None:
    """Comments that could not be scored, and events that no webhook accepted: Gavel has given them up."""


@dead.command("list")
@click.pass_obj
def list_dead(context: Operated) -> None:
    """List them, newest first."""
    given_up = dead_letters.read(context.database())
    table = Table("what", "id", "site", "since", "why")
    for comment in given_up.comments:
        table.add_row(
            "comment", comment.id, comment.site, f"{comment.received_at:%Y-%m-%d %H:%M}", "could not be scored"
        )
    for event in given_up.events:
        why = f"{event.attempts} attempts, then: {logs.clean(event.last_error or '')}"
        table.add_row("event", event.id, event.site, f"{event.created_at:%Y-%m-%d %H:%M}", why)
    console().print(table if table.row_count else "Gavel has given nothing up")


@dead.command("show")
@click.argument("comment_id")
@click.pass_obj
def show_dead(context: Operated, comment_id: str) -> None:
    """Show the error of the last attempt to score a comment."""
    try:
        failure = dead_letters.last_failure(queues_of(context.settings).redis, comment_id)
    except RedisError as e:
        raise click.ClickException(f"Redis does not answer: {e}") from e
    click.echo(logs.clean(failure) if failure else "Redis no longer has the error")


@dead.command("retry")
@click.argument("ids", nargs=-1)
@click.option("--all", "all_of_it", is_flag=True, help="All that `list` shows.")
@click.pass_obj
def retry_dead(context: Operated, ids: tuple[str, ...], all_of_it: bool) -> None:
    """Try again: IDs of comments and events, or --all."""
    database = context.database()
    given_up = dead_letters.read(database)
    if unknown := set(ids) - {c.id for c in given_up.comments} - {e.id for e in given_up.events}:
        raise click.ClickException(f"Gavel has not given these up: {', '.join(sorted(unknown))}")
    letters = dead_letters.chosen(given_up, None if all_of_it else ids)
    tried = dead_letters.try_again(database, operator(), letters, now=utc_now())
    click.echo(
        f"{tried.comments} comments will be scored and {tried.events} events sent again, at the sweeper's next round"
    )


@click.command("retention")
@click.argument("site_name", metavar="SITE")
@_days_option("published", "Days that published comments are kept, or `always`.")
@_days_option("rejected", "The same for rejected ones.")
@_days_option("withdrawn", "The same for withdrawn ones.")
@_days_option("withdrawn-text", "Days that the text of a withdrawn comment is kept, where the comment stays.")
@click.pass_obj
def set_retention(context: Operated, /, site_name: str, **given: str | None) -> None:
    """Show or set how long SITE keeps comments. Comments that wait for a decision are always kept.

    The options have the settings' names. Until version 1.1 the short names of before work too.
    """
    database = context.database()
    site_id = site_named(database, site_name)
    wanted: dict[str, Any] = {name: _days(name, days) for name, days in given.items() if days is not None}
    settings = sites.change_settings(database, site_id, by=operator(), now=utc_now(), **wanted).settings
    for name in RETENTION:
        days = getattr(settings, name)
        click.echo(f"{name:24} {'always' if days is None else f'{days} days'}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.pass_obj
def retain(context: Operated, dry_run: bool) -> None:
    """Delete now what sites no longer keep, and addresses after 30 days. The sweeper does so every day."""
    gone: Counter[tuple[str, Deletion]] = Counter()
    for purged in retention.retain(context.database(), by=operator(), now=utc_now(), dry_run=dry_run):
        gone[purged.site, purged.kind] += purged.count
    for (site, kind), count in sorted(gone.items()):
        click.echo(f"{site}: {count} {WORDS[kind]} {'would go' if dry_run else 'are gone'}")
    if not gone:
        click.echo("nothing has to go")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.pass_obj
def backup(context: Operated, file: Path, force: bool) -> None:
    """Copy the SQLite database to FILE while everything runs, and check the copy. PostgreSQL: use pg_dump."""
    backups.back_up(context.database(), file, replace=force)
    click.echo(f"{file} is a complete, checked copy of {file.stat().st_size:,} bytes")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Move the present database aside.")
@click.pass_obj
def restore(context: Operated, file: Path, replace: bool) -> None:
    """Make FILE, which `backup` wrote, the database. Stop everything else first: while anything runs, this refuses."""
    url = context.settings.resolved_database_url
    with home.locked(context.settings.gavel_home):
        restored = restoring.restore(file, url, replace=replace, by=operator(), now=utc_now())
    click.echo(f"{restored.path} is restored" + (f"; the old one is {restored.aside}" if restored.aside else ""))
    for site, sequence in restored.sequences.items():
        click.echo(f"{site}: events up to {sequence}. It must continue from there: `GET /v1/events?after={sequence}`")


@click.command()
@click.pass_obj
def idle(context: Operated) -> None:
    """Say whether nothing uses the database: before `pg_restore`, and before anything else that replaces it."""
    if users := backups.users_of(context.settings.resolved_database_url):
        raise click.ClickException(f"the database is in use: stop every process of Gavel first; {'; '.join(users)}")
    click.echo("nothing uses the database")


def _days(name: str, given: str) -> int | None:
    if given == "always":
        return None
    if not given.isdecimal():
        raise click.BadParameter("must be a number of days or `always`", param_hint=f"--{name.replace('_', '-')}")
    return int(given)
