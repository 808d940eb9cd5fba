"""``site``: each has its own comments, policy, keys and moderators."""

from __future__ import annotations

import click

from moderation.operating.command_line import Operated
from moderation.operating.terminal import operator
from moderation.people import sites
from moderation.store import sites as store
from service.commands.context import show_once
from service.commands.site_deletion import delete_site
from service.commands.site_settings import set_site, show_site
from service.commands.webhooks import test_webhook
from service.context import utc_now


@click.group()
def site() -> None:
    """Sites: each has its own comments, policy, keys and moderators."""


@site.command("create")
@click.argument("name")
@click.option("--webhook-url", help="The URL to which decisions are sent.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def create_site(context: Operated, name: str, webhook_url: str | None, as_json: bool) -> None:
    """Create a site with the default policy, and print its key, once."""
    made = sites.create_site(
        context.database(),
        name,
        by=operator(),
        now=utc_now(),
        webhook_url=webhook_url,
        private_webhooks=context.settings.private_webhooks,
    )
    show_once(as_json, site_id=made.site.id, api_key=made.key.token, **_secret(made.site))


@site.command("list")
@click.pass_obj
def list_sites(context: Operated) -> None:
    """List the sites with their ids."""
    with context.database().read() as conn:
        for each in store.all_sites(conn):
            click.echo(f"{each.id}  {each.name}")


site.add_command(delete_site)
site.add_command(set_site)
site.add_command(show_site)
site.add_command(test_webhook)


def _secret(made: store.Site) -> dict[str, str]:
    secret = made.settings.webhook_secret
    return {"webhook_secret": secret} if secret else {}
