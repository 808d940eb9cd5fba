"""``key rotate``: a new key in place of an old one, with time to change over."""

from __future__ import annotations

from datetime import timedelta

import click

from moderation.people import keys
from service.commands.context import Operated, operator
from service.context import utc_now


@click.command("rotate")
@click.argument("key_id")
@click.option(
    "--overlap-hours",
    type=click.FloatRange(min=0, max=24 * 90),
    default=24,
    show_default=True,
    help="How long the old key works beside the new one.",
)
@click.pass_obj
def rotate_key(context: Operated, key_id: str, overlap_hours: float) -> None:
    """Make a new key with the same name and scopes, and let the old one expire."""
    now = utc_now()
    made = keys.rotate_key(context.database(), key_id, overlap=timedelta(hours=overlap_hours), by=operator(), now=now)
    click.echo(f"key_id          {made.id}\napi_key         {made.token}")
    click.echo(f"The old key works until {now + timedelta(hours=overlap_hours):%Y-%m-%d %H:%M} UTC.", err=True)
    click.echo("Keep the new key now: it is not shown again.", err=True)
