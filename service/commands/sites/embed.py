"""``embed``: the lines that put the comment box on a site's pages."""

from __future__ import annotations

import click

from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import site_named
from moderation.sites import rows as sites
from service.embed.script import built


@click.command()
@click.argument("site_name", metavar="SITE")
@click.option("--pinned", is_flag=True, help="Insist on this version of the script. Change the tag with each upgrade.")
@click.pass_obj
def embed(context: Operated, site_name: str, pinned: bool) -> None:
    """Print the tag that puts the comment box on SITE's pages, and what a Content-Security-Policy must allow."""
    database, settings = context.database(), context.settings
    site_id = site_named(database, site_name)
    with database.read() as conn:
        origins = sites.get_site(conn, site_id).settings.origins
    address = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    click.echo(tag(address, site_id, pinned=pinned))
    click.echo(f"Content-Security-Policy: script-src {address}; connect-src 'self' {address}", err=True)
    if not origins:
        click.echo(f'No page may read yet: gavel site set "{site_name}" --origins https://…', err=True)


def tag(address: str, site_id: str, *, pinned: bool) -> str:
    script = built()
    version = f"?v={script.version}" if pinned else ""
    hashed = f' integrity="{script.integrity}" crossorigin="anonymous"' if pinned else ""
    return (
        f'<script async src="{address}/embed/v1.js{version}"{hashed}\n'
        f'  data-site="{site_id}" data-article="YOUR-ID-OF-THE-ARTICLE" data-token-url="/gavel-token"></script>'
    )
