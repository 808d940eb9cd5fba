"""``models``: whether a worker would start here."""

from __future__ import annotations

import json

import click

from moderation.ground.errors import ModelUnavailable
from moderation.judging.text.language_names import language_name
from moderation.operations.operating.command_line import Operated
from workers.queue.tasks import load_scorer


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--languages",
    is_flag=True,
    help="List the languages instead, how far scores are trusted in each, and where relevance is judged.",
)
@click.pass_obj
def models(context: Operated, as_json: bool, languages: bool) -> None:
    """Check the models' files against their manifests, load them as a worker does, and name them."""
    try:
        scorer = load_scorer(context.settings)
    except ModelUnavailable as e:
        raise click.ClickException(str(e)) from e
    loaded = dict(scorer.languages if languages else scorer.models)
    if as_json:
        click.echo(json.dumps(loaded))
        return
    for name, said in loaded.items():
        if languages:
            judged = "  relevance" if name in scorer.relevance_languages else ""
            click.echo(f"{f'{name} {language_name(name)}':24} {said}{judged}")
        else:
            click.echo(f"{name:22} {said}")
