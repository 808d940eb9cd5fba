"""``key``: the API keys of sites."""

from __future__ import annotations

from datetime import timedelta

import click

from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import keys
from moderation.sites import rows as store
from moderation.sites.keys import Scope
from service.commands.context import show_once
from service.context import utc_now


@click.group()
def key() -> None:
    """The API keys of sites."""


@key.command("create")
@click.argument("site_name", metavar="SITE")
@click.option("--name", default="key", show_default=True, help="A name that shows the purpose of the key.")
@click.option(
    "--scopes",
    multiple=True,
    default=[",".join(keys.OF_SITES)],
    show_default=True,
    help="Its scopes, separated by commas, or the option several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def create_key(context: Operated, site_name: str, name: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Create another key for SITE, and print it, once."""
    try:
        wanted = {Scope(scope.strip()) for scope in ",".join(scopes).split(",")}
    except ValueError as e:
        raise click.BadParameter(f"{e}; there are {', '.join(Scope)}", param_hint="--scopes") from e
    database = context.database()
    site_id = site_named(database, site_name)
    new_key = keys.create_key(database, site_id, name=name, scopes=sorted(wanted), by=operator(), now=utc_now())
    show_once(as_json, key_id=new_key.id, api_key=new_key.token)


@key.command("rotate")
@click.argument("key_id")
@click.option(
    "--overlap-hours",
    type=click.FloatRange(min=0, max=24 * 90),
    default=24,
    show_default=True,
    help="Hours that the old key still works.",
)
@click.pass_obj
def rotate_key(context: Operated, key_id: str, overlap_hours: float) -> None:
    """Make a new key with the same name and scopes, and let the old one expire."""
    now = utc_now()
    new_key = keys.rotate_key(
        context.database(), key_id, overlap=timedelta(hours=overlap_hours), by=operator(), now=now
    )
    click.echo(f"key_id          {new_key.id}\napi_key         {new_key.token}")
    click.echo(f"The old key works until {now + timedelta(hours=overlap_hours):%Y-%m-%d %H:%M} UTC.", err=True)
    click.echo("Keep the new key now: it is not shown again.", err=True)


@key.command("revoke")
@click.argument("key_id")
@click.pass_obj
def revoke_key(context: Operated, key_id: str) -> None:
    """End a key for good. The service refuses it within seconds."""
    keys.revoke_key(context.database(), key_id, by=operator(), now=utc_now())
    click.echo("revoked")


@key.command("list")
@click.argument("site_name", metavar="SITE")
@click.pass_obj
def list_keys(context: Operated, site_name: str) -> None:
    """List SITE's keys with their ids. The keys themselves are not stored."""
    database = context.database()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        for site_key in store.keys_of(conn, site_id):
            state = (
                "revoked"
                if site_key.revoked_at
                else f"until {site_key.expires_at:%Y-%m-%d}"
                if site_key.expires_at
                else "live"
            )
            click.echo(f"{site_key.id}  {state:7}  {','.join(sorted(site_key.scopes))}  {site_key.name}")
