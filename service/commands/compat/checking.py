"""``compat``: the dialects of other vendors. ``check`` tries them as their clients do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from moderation.operations.operating.command_line import Operated
from service.commands.compat.score_maps import fit_scores, forget_scores
from service.compat import PROBES
from service.compat.probing import ProbeClient, probe

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@click.group()
def compat() -> None:
    """The dialects of other vendors: Perspective, and those beside it."""


def _keys() -> Decorator:
    """An option for the key of each dialect."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for name in sorted(PROBES, reverse=True):
            tries = "A key with `score`; tries the calls of that name."
            command = click.option(f"--{name}-key", help=tries)(command)
        return command

    return add


@compat.command("check")
@_keys()
@click.option("--base-url", help="The address that clients use; without one, the service on this machine.")
@click.pass_obj
def check(context: Operated, /, base_url: str | None, **keys: str | None) -> None:
    """Call your own instance as each client does, and say line by line what works. It stores nothing."""
    asked = {name: key for name in PROBES if (key := keys[f"{name}_key"])}
    if not asked:
        raise click.UsageError(f"give a key: {', '.join(f'--{name}-key' for name in PROBES)}")
    address = (base_url or f"http://127.0.0.1:{context.settings.port}").rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise click.BadParameter("must be an http or https address", param_hint="--base-url")
    failed = 0
    for name, key in asked.items():
        for result in probe(PROBES[name], ProbeClient(address, key)):
            failed += not result.works
            mark = "works" if result.works else "FAILS"
            click.echo(f"{mark}  {name}: {result.name}: {result.said} ({result.ms} ms)")
    if failed:
        raise click.ClickException(f"{failed} of these calls would fail for a client of yours")


compat.add_command(fit_scores)
compat.add_command(forget_scores)
