"""``site test-webhook``: sends a test event and says what came back."""

from __future__ import annotations

import click

from moderation.monitoring import logs
from moderation.operating.command_line import Operated
from moderation.operating.terminal import operator, site_named
from moderation.people import webhooks
from moderation.people.webhooks import Tested
from moderation.webhooks.sending import Sender
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
