"""``mode``: an article, a section or a site in a mode for breaking news."""

from __future__ import annotations

from datetime import timedelta

import click

from moderation.ground.values.modes import REGULAR_FROM, SLOW_MINUTES, Mode, ModeName
from moderation.law.modes import rows as store
from moderation.law.modes import starting
from moderation.law.modes.starting import LONGEST, MOST_MINUTES, MOST_REGULAR_FROM, ModeWish
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from service.context import utc_now


@click.group()
def mode() -> None:
    """Modes for breaking news: for some hours, comments are let in and published with more care."""


@mode.command("start")
@click.argument("site_name", metavar="SITE")
@click.argument("name", metavar="MODE", type=click.Choice([mode.value for mode in ModeName]))
@click.option("--hours", type=click.IntRange(1, LONGEST.days * 24), required=True, help="After which it ends.")
@click.option("--article", help="Only this article, by the site's own id.")
@click.option("--section", help="Only this section.")
@click.option(
    "--regular-from",
    type=click.IntRange(1, MOST_REGULAR_FROM),
    default=REGULAR_FROM,
    show_default=True,
    help="Published comments from which an author is a regular.",
)
@click.option(
    "--minutes",
    type=click.IntRange(1, MOST_MINUTES),
    default=SLOW_MINUTES,
    show_default=True,
    help="In which slow lets each reader send one comment.",
)
@click.pass_obj
def start_mode(
    context: Operated,
    site_name: str,
    name: str,
    hours: int,
    article: str | None,
    section: str | None,
    regular_from: int,
    minutes: int,
) -> None:
    """Put SITE, or one article or section of it, into a MODE: everything_waits, regulars_only, slow or closed."""
    database, now = context.database(), utc_now()
    wish = ModeWish(ModeName(name), now + timedelta(hours=hours), article, section, regular_from, minutes)
    started = starting.start(database, site_named(database, site_name), wish, by=operator(), now=now)
    click.echo(f"{started.id}  {name} until {started.until:%Y-%m-%d %H:%M} UTC")


@mode.command("end")
@click.argument("site_name", metavar="SITE")
@click.argument("mode_id", metavar="ID", type=click.UUID)
@click.pass_obj
def end_mode(context: Operated, site_name: str, mode_id: object) -> None:
    """End a mode of SITE."""
    database = context.database()
    starting.end(database, site_named(database, site_name), str(mode_id), by=operator(), now=utc_now())
    click.echo("ended")


@mode.command("list")
@click.argument("site_name", metavar="SITE")
@click.pass_obj
def list_modes(context: Operated, site_name: str) -> None:
    """List the modes of SITE that hold now, with their ids."""
    database = context.database()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        modes = store.ending_after(conn, [site_id], utc_now())
        names = store.article_names(conn, modes)
    for running in modes:
        click.echo(
            f"{running.id}  {running.name:16} until {running.ends_at:%Y-%m-%d %H:%M} UTC  {_place(running, names)}"
        )


def _place(mode: Mode, names: dict[str, tuple[str, str]]) -> str:
    if mode.article_id is not None:
        return f"article {names[mode.article_id][0]}"
    return f"section {mode.section}" if mode.section is not None else "the whole site"
