"""``site show`` and ``site set``: the settings of one site."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any

import click

from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites.settings import showing
from moderation.sites.settings.declarations import Declaration
from moderation.sites.settings.values import DECLARED, SiteSettings
from service.context import utc_now


class OrNone(click.ParamType[Any]):
    """A value of another type, or the word ``none``, which turns a setting off."""

    def __init__(self, inner: type) -> None:
        self.inner = click.types.convert_type(inner)
        self.name = f"{self.inner.name}|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Lets ``none`` through, and leaves every other value to the inner type."""
        return value if value == "none" else self.inner.convert(value, param, ctx)


@click.command("show")
@click.argument("site_name", metavar="SITE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def show_site(context: Operated, site_name: str, as_json: bool) -> None:
    """Show SITE's settings, but not the webhook's secret: the API gives that to a key that may `moderate`."""
    database = context.database()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        _print(store.get_site(conn, site_id).settings, as_json)


def _option(setting: Declaration) -> Callable[[Any], Any]:
    """The option that sets it, with its former name beside it."""
    names = [f"--{name.replace('_', '-')}" for name in (setting.name, setting.setting.former) if name]
    described: dict[str, Any] = {"help": setting.explained}
    if setting.kind is bool:
        names[0] += f"/--no-{names[0].removeprefix('--')}"
        described["default"] = None
    elif setting.kind is tuple:
        described["multiple"] = True
        described["help"] += " Give one option for each; `none` restores the default."
    elif issubclass(setting.kind, StrEnum):
        described["type"] = click.Choice([choice.value for choice in setting.kind])
    elif setting.kind is object:
        described["help"] += " As JSON; `none` restores the default."
    else:
        described["type"] = OrNone(setting.kind)
    return click.option(*names, setting.name, **described)


def _settings_options(command: Callable[..., None]) -> Callable[..., None]:
    for setting in reversed(SETTABLE):
        command = _option(setting)(command)
    return command


SETTABLE = [setting for setting in DECLARED.values() if not setting.setting.is_made]


@click.command("set")
@click.argument("site_name", metavar="SITE")
@_settings_options
@click.option("--renew-webhook-secret", is_flag=True, help="Replace the webhook's secret, and print the new one.")
@click.option(
    "--overlap-hours",
    type=click.FloatRange(min=0, max=24 * 90),
    default=24,
    show_default=True,
    help="Hours that the old secret signs deliveries too.",
)
@click.pass_obj
def set_site(
    context: Operated, /, site_name: str, renew_webhook_secret: bool, overlap_hours: float, **given: Any
) -> None:
    """Set the given settings of SITE. `none` turns a setting off, or restores its default."""
    database, now = context.database(), utc_now()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        before = store.get_site(conn, site_id).settings
    changes = {name: _value(DECLARED[name], text) for name, text in given.items() if text is not None and text != ()}
    private = context.settings.private_webhooks
    settings = sites.change_settings(
        database, site_id, by=operator(), now=now, private_webhooks=private, **changes
    ).settings
    if renew_webhook_secret:
        overlap = timedelta(hours=overlap_hours)
        settings = sites.renew_secret(database, site_id, overlap=overlap, by=operator(), now=now).settings
    _print(settings, as_json=False)
    if settings.webhook_secret != before.webhook_secret:
        click.echo(f"The new secret: {settings.webhook_secret}")


def _value(setting: Declaration, given: Any) -> Any:
    if given in ("none", ("none",)):
        return None if setting.is_nullable else setting.default
    if issubclass(setting.kind, StrEnum):
        return setting.kind(given)
    if setting.kind is not object:
        return given
    try:
        return setting.of_text(given)
    except ValueError as e:
        option = f"--{setting.name.replace('_', '-')}"
        raise click.BadParameter(f"must be JSON like {setting.setting.example}", param_hint=option) from e


def _print(settings: SiteSettings, as_json: bool) -> None:
    shown = showing.shown(settings)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    for name, value in shown.items():
        click.echo(f"{name:30} {_words(value)}")


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(value) if isinstance(value, list) and value else f"{value}" if value else "none"
