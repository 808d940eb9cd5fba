"""``export``: converts weights to ONNX once, so that serving needs no torch."""

from __future__ import annotations

from pathlib import Path

import click

from moderation.ground.errors import ModelUnavailable
from moderation.operations.operating.command_line import Operated
from workers.scoring.engines.weights import BUNDLED, ModelFolders, cached_export, find_source


@click.command()
@click.option(
    "--model", default=BUNDLED, show_default=True, help="An official name, or the folder of a Detoxify checkpoint."
)
@click.option("--models-dir", type=click.Path(path_type=Path), help="Folder with toxicity/, the bundled weights.")
@click.option("--cache-dir", type=click.Path(path_type=Path), help="Folder for exports; GAVEL_HOME/models if left out.")
@click.pass_obj
def export(context: Operated, model: str, models_dir: Path | None, cache_dir: Path | None) -> None:
    """Export weights to ONNX. Bundled weights go beside their checkpoint, others into the cache, by sha256.

    This needs torch, which serving does not: install Gavel with its extra `torch`.
    """
    try:
        from workers.scoring.export import exporting  # noqa: PLC0415 - imports torch
    except ImportError as e:
        raise click.ClickException(f"exporting needs gavel[torch]: {e}") from e
    places = ModelFolders.of(models_dir, cache_dir or context.settings.gavel_home / "models")
    try:
        if model == BUNDLED:
            weights = exporting.export_beside(find_source(BUNDLED, places))
        else:
            weights = cached_export(model, places) or exporting.export(model, places)
    except ModelUnavailable as e:
        raise click.ClickException(str(e)) from e
    click.echo(f"{weights.version} is in {weights.folder}")
