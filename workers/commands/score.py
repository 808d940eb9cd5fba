"""``score``: scores comments from standard input, without database or queue. ``archive`` reads and scores the lines."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

import click

from moderation.ground.errors import ModelUnavailable
from moderation.operations.operating.command_line import BAD_START, Operated
from workers.commands.archive import EXPLAIN_FROM, score_lines
from workers.commands.lines import standard_input
from workers.scoring.loading import ENGINES
from workers.scoring.scorer import Scorer


@click.command()
@click.option("--toxicity-model", help="Like TOXICITY_MODEL, which is the default.")
@click.option("--engine", type=click.Choice(ENGINES), help="Like TOXICITY_ENGINE, which is the default.")
@click.option("--threads", type=click.IntRange(min=1), help="Like MODEL_THREADS, which is the default.")
@click.option("--models-dir", type=click.Path(path_type=Path), help="Folder with the bundled weights.")
@click.option("--cache-dir", type=click.Path(path_type=Path), help="Folder for exports; GAVEL_HOME/models if left out.")
@click.option(
    "--explain-from",
    type=click.FloatRange(0, 1),
    default=EXPLAIN_FROM,
    show_default=True,
    help="From this toxicity on, show the words that carry it; the same for a relevance as far below 1.",
)
@click.pass_context
def score(
    ctx: click.Context,
    toxicity_model: str | None,
    engine: str | None,
    threads: int | None,
    models_dir: Path | None,
    cache_dir: Path | None,
    explain_from: float,
) -> None:
    """Score comments, one JSON object a line: score < in.jsonl > out.jsonl

    It needs no database and no queue, and answers in order, as the lines come. For a line that it cannot read, it
    prints the number and the reason on standard error and goes on; the exit status is then 1. Empty lines are skipped.
    Input and output are UTF-8, in any locale.
    """
    operated: Operated = ctx.obj
    settings = operated.settings
    try:
        scorer = Scorer.load(
            toxicity_model=toxicity_model or settings.toxicity_model,
            engine=engine or settings.toxicity_engine,
            threads=threads or settings.model_threads,
            models_dir=models_dir,
            cache_dir=cache_dir or settings.gavel_home / "models",
        )
    except ModelUnavailable as e:
        click.echo(f"score: {e}", err=True)
        ctx.exit(BAD_START)
    ctx.exit(score_standard_input(scorer, explain_from))


def score_standard_input(scorer: Scorer, explain_from: float) -> int:
    """Writes to standard output. Returns 1 if a line was bad or the reader of the output has left, 2 if a file cannot
    be read or written."""
    results = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - flushed after every batch
    try:
        bad = score_lines(scorer, standard_input(), results, sys.stderr, explain_from=explain_from)
    except BrokenPipeError:  # the reader of the results has left
        _discard(results)
        return 1
    except OSError as e:
        _discard(results)
        click.echo(f"score: {e}", err=True)
        return BAD_START
    return 1 if bad else 0


def _discard(results: TextIO) -> None:
    """Drops results that could not be written, so that Python does not try again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), results.fileno())
