"""``site delete``: a site and everything that it ever had, for good."""

from __future__ import annotations

from collections import Counter

import click

from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.deleting import site_deletion
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import rows as sites
from service.context import utc_now

SAID_EVERY = 1_000  # comments


@click.command("delete")
@click.argument("site_name", metavar="SITE")
@click.option("--yes", is_flag=True, help="Do not ask for the name again.")
@click.pass_obj
def delete_site(context: Operated, site_name: str, yes: bool) -> None:
    """Delete SITE for good: its comments, decisions, policy, keys, settings and audit trail."""
    database, now = context.database(), utc_now()
    with database.read() as conn:
        site = sites.get_site(conn, site_named(database, site_name))
    if not yes:
        typed = click.prompt(f"This deletes {site.name} with all its comments for good. Type its name again", type=str)
        if typed != site.name:
            raise click.ClickException("that is another name: nothing was deleted")
    gone: Counter[str] = Counter()
    for deleted in site_deletion.delete(database, site, by=operator(), now=now):
        gone[deleted.table] += deleted.count
        if deleted.table == "comments" and gone["comments"] % SAID_EVERY == 0:
            click.echo(f"{gone['comments']:,} comments so far", err=True)
    click.echo(f"{site.name} is gone: " + (", ".join(f"{n:,} {table}" for table, n in gone.items()) or "it was empty"))
