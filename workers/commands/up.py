"""``up``: runs everything on this machine and keeps it running."""

from __future__ import annotations

from functools import partial

import click

from workers.machine import one_machine


@click.command()
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="How many workers score.")
def up(workers: int) -> None:
    """Run everything on this machine until SIGTERM: queue server, migration, workers, answers, sweeper, deliveries,
    web."""
    one_machine.attended(partial(one_machine.up, workers=workers))
