"""``models``: whether a worker would start here."""

from __future__ import annotations

import json

import click

from moderation.errors import ModelUnavailable
from moderation.operating.command_line import Operated
from workers.queue.tasks import load_scorer


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def models(context: Operated, as_json: bool) -> None:
    """Check the models' files against their manifests, load them as a worker does, and name them."""
    try:
        loaded = dict(load_scorer(context.settings).models)
    except ModelUnavailable as e:
        raise click.ClickException(str(e)) from e
    if as_json:
        click.echo(json.dumps(loaded))
        return
    for name, version in loaded.items():
        click.echo(f"{name:12} {version}")
