"""``health``: whether a process is well, for probes."""

from __future__ import annotations

import click

from moderation.operations.operating.command_line import Operated
from workers.queue.health import KINDS, check


@click.command()
@click.argument("kind", type=click.Choice(KINDS), default="work")
@click.pass_context
def health(ctx: click.Context, kind: str) -> None:
    """Check this machine's process of KIND: exit code 0 if it is well, else 1 and the reason."""
    operated: Operated = ctx.obj
    wrong = check(kind, operated.settings)
    click.echo(wrong or "well")
    ctx.exit(1 if wrong else 0)
