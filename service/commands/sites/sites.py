"""``site``: each has its own comments, policy, keys and moderators. ``site test-webhook`` sends a test event."""

from __future__ import annotations

import click

from moderation.ground.monitoring import logs
from moderation.ground.webhooks.sending import Sender
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites import webhook as webhooks
from moderation.sites.webhook import Tested
from service.commands.context import show_once
from service.commands.sites.site_deletion import delete_site
from service.commands.sites.site_settings import set_site, show_site
from service.context import utc_now


@click.command("test-webhook")
@click.argument("site_name", metavar="SITE")
@click.pass_obj
def test_webhook(context: Operated, site_name: str) -> None:
    """Send a test event to SITE's webhook and show the answer. The exit code is 1 if the site does not accept it."""
    database, settings = context.database(), context.settings
    sender = Sender(settings.webhook_timeout_s, settings.private_webhooks)
    tested = webhooks.send_test(database, site_named(database, site_name), sender, by=operator(), now=utc_now())
    if tested.error is not None:
        raise click.ClickException(logs.clean(in_words(tested)))
    click.echo(in_words(tested))


def in_words(tested: Tested) -> str:
    """For people: the answer, or what went wrong, and how long it took."""
    if tested.error is None:
        return f"the site accepted the test event: it answered {tested.status} after {tested.duration_ms} ms"
    return f"the test event was not delivered: {tested.error} (after {tested.duration_ms} ms)"


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
    created = sites.create_site(
        context.database(),
        name,
        by=operator(),
        now=utc_now(),
        webhook_url=webhook_url,
        private_webhooks=context.settings.private_webhooks,
    )
    show_once(as_json, site_id=created.site.id, api_key=created.key.token, **_secret(created.site))


@site.command("list")
@click.pass_obj
def list_sites(context: Operated) -> None:
    """List the sites with their ids."""
    with context.database().read() as conn:
        for listed in store.all_sites(conn):
            click.echo(f"{listed.id}  {listed.name}")


site.add_command(delete_site)
site.add_command(set_site)
site.add_command(show_site)
site.add_command(test_webhook)


def _secret(site: store.Site) -> dict[str, str]:
    secret = site.settings.webhook_secret
    return {"webhook_secret": secret} if secret else {}
