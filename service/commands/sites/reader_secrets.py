"""``reader-secret``: the secrets by which sites sign their readers' tokens."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import reader_secret_rows as store
from moderation.sites import reader_secrets
from moderation.sites.reader_secret_rows import ReaderSecret
from service.commands.context import show_once
from service.context import utc_now


@click.group("reader-secret")
def reader_secret() -> None:
    """The secrets by which a site's server signs who is reading."""


@reader_secret.command("create")
@click.argument("site_name", metavar="SITE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def create_secret(context: Operated, site_name: str, as_json: bool) -> None:
    """Create a secret for SITE, and print it with its id. Tokens name the id in their header, as kid."""
    database = context.database()
    secret = reader_secrets.create(database, site_named(database, site_name), by=operator(), now=utc_now())
    show_once(as_json, kid=secret.id, secret=secret.secret)


@reader_secret.command("rotate")
@click.argument("secret_id")
@click.option(
    "--overlap-hours",
    type=click.FloatRange(min=0, max=24 * 90),
    default=24,
    show_default=True,
    help="Hours that the old secret is still valid.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def rotate_secret(context: Operated, secret_id: str, overlap_hours: float, as_json: bool) -> None:
    """Create another secret for the same site, and let this one expire."""
    now, overlap = utc_now(), timedelta(hours=overlap_hours)
    secret = reader_secrets.rotate(context.database(), secret_id, overlap=overlap, by=operator(), now=now)
    show_once(as_json, kid=secret.id, secret=secret.secret)
    click.echo(f"The old secret works until {now + overlap:%Y-%m-%d %H:%M} UTC.", err=True)


@reader_secret.command("revoke")
@click.argument("secret_id")
@click.pass_obj
def revoke_secret(context: Operated, secret_id: str) -> None:
    """End a secret for good. The service refuses its tokens within seconds."""
    reader_secrets.revoke(context.database(), secret_id, by=operator(), now=utc_now())
    click.echo("revoked")


@reader_secret.command("list")
@click.argument("site_name", metavar="SITE")
@click.pass_obj
def list_secrets(context: Operated, site_name: str) -> None:
    """List SITE's secrets by their ids, without the secrets themselves."""
    database, now = context.database(), utc_now()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        for secret in store.of_site(conn, site_id):
            click.echo(f"{secret.id}  {_state(secret, now):23}  created {secret.created_at:%Y-%m-%d}")


def _state(secret: ReaderSecret, now: datetime) -> str:
    if secret.revoked_at is not None:
        return "revoked"
    if secret.expires_at is None:
        return "valid"
    return f"valid until {secret.expires_at:%Y-%m-%d}" if now < secret.expires_at else "expired"
