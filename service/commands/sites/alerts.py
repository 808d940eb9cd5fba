"""``alerts``: where a site's alerts go, added, tested and removed at a terminal."""

from __future__ import annotations

import click

from moderation.ground.webhooks.sending import Sender
from moderation.operations.alerts import choosing, mailing, rows, wording
from moderation.operations.alerts.sending import Alerter
from moderation.operations.alerts.values import AlertKind, AlertWish, Channel
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import rows as sites
from service.context import utc_now

HOUR = click.IntRange(0, 23)


@click.group()
def alerts() -> None:
    """Alerts to Slack, Teams, Mattermost and by mail."""


@alerts.command("add")
@click.argument("site_name", metavar="SITE")
@click.argument("channel", type=click.Choice([channel.value for channel in Channel]))
@click.argument("address")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in AlertKind]),
    help="Repeatable. Without it all.",
)
@click.option("--language", type=click.Choice(list(wording.TITLE)), default="en", show_default=True)
@click.option("--zone", default="UTC", show_default=True, help="Time zone of the quiet hours, such as Europe/Berlin.")
@click.option("--quiet-from", type=HOUR, help="Hour from which no message is sent.")
@click.option("--quiet-until", type=HOUR, help="Hour in which messages begin again.")
@click.option(
    "--queue-size", type=click.IntRange(1, 9_999), default=100, show_default=True, help="Alert above so many comments."
)
@click.option(
    "--queue-hours", type=click.IntRange(1, 720), default=24, show_default=True, help="Alert above so many hours."
)
@click.option(
    "--pause-minutes", type=click.IntRange(1, 1_440), default=10, show_default=True, help="Between two messages."
)
@click.option("--shows-text", is_flag=True, help="Quote comments that are held for a threat.")
@click.pass_obj
def add_alerts(
    context: Operated, /, site_name: str, channel: str, address: str, kinds: tuple[str, ...], **wished: object
) -> None:
    """Send alerts of SITE to ADDRESS: an incoming webhook's URL, or an e-mail address."""
    database = context.database()
    chosen = tuple(map(AlertKind, kinds)) or tuple(AlertKind)
    wish = AlertWish(Channel(channel), address, chosen, **wished)  # type: ignore[arg-type]
    site_id, private = site_named(database, site_name), context.settings.private_webhooks
    target = choosing.add(database, site_id, wish, by=operator(), private_webhooks=private, now=utc_now())
    click.echo(f"{target.id}  {channel} {choosing.place(wish)}")


@alerts.command("list")
@click.argument("site_name", metavar="SITE")
@click.pass_obj
def list_alerts(context: Operated, site_name: str) -> None:
    """List where alerts of SITE go, with the ids and the error of the last message."""
    database = context.database()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        targets = rows.targets(conn, site_id)
    for target in targets:
        wish = target.wish
        error = f"  failed: {target.last_error}" if target.last_error else ""
        click.echo(f"{target.id}  {wish.channel:10} {choosing.place(wish)}  {', '.join(wish.kinds)}{error}")


@alerts.command("test")
@click.argument("site_name", metavar="SITE")
@click.argument("target_id", metavar="ID", type=click.UUID)
@click.pass_obj
def test_alerts(context: Operated, site_name: str, target_id: object) -> None:
    """Send a test, also in quiet hours."""
    database, settings = context.database(), context.settings
    site_id = site_named(database, site_name)
    target = choosing.tested(database, site_id, str(target_id), by=operator(), now=utc_now())
    with database.read() as conn:
        site = sites.get_site(conn, site_id)
    sender = Sender(settings.webhook_timeout_s, settings.private_webhooks)
    error = Alerter(database, sender, mailing.of(settings)).test(site, target)
    if error is not None:
        raise click.ClickException(f"the test was not sent: {error}")
    click.echo("sent")


@alerts.command("remove")
@click.argument("site_name", metavar="SITE")
@click.argument("target_id", metavar="ID", type=click.UUID)
@click.pass_obj
def remove_alerts(context: Operated, site_name: str, target_id: object) -> None:
    """Send no more alerts of SITE there."""
    database = context.database()
    choosing.remove(database, site_named(database, site_name), str(target_id), by=operator(), now=utc_now())
    click.echo("removed")
