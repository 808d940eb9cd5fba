"""``health``: for probes."""

from __future__ import annotations

import click

from moderation.operating.command_line import Operated
from workers.queue.health import KINDS, check


@click.command()
@click.argument("kind", type=click.Choice(KINDS), default="work")
@click.pass_context
def health(ctx: click.Context, kind: str) -> None:
    """Say whether this machine's process of a KIND is well: exit code 0, or 1 and what is wrong."""
    operated: Operated = ctx.obj
    wrong = check(kind, operated.settings)
    click.echo(wrong or "well")
    ctx.exit(1 if wrong else 0)
