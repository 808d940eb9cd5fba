"""``doctor``: looks the whole set-up over and names the line to change."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import click

from moderation.operations.operating import doctor as looking
from moderation.operations.operating.doctor import Finding, Level
from service.context import utc_now

AGAIN_S = 2.0
COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.ERROR: "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0, 3600),
    is_flag=False,
    flag_value=60,
    default=0,
    help="Look again for so many seconds, 60 without a number, until nothing is an error: after a restart.",
)
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, wait_s: float) -> None:
    """Check the whole set-up: exit code 0, or 1 if there is an error. Changes nothing."""
    give_up = time.monotonic() + wait_s
    while not (is_well := _is_well(findings := looking.examine(os.environ, now=utc_now()))):
        if time.monotonic() + AGAIN_S > give_up:
            break
        time.sleep(AGAIN_S)
    if as_json:
        click.echo(json.dumps({"ok": is_well, "findings": [asdict(finding) for finding in findings]}))
    else:
        for finding in findings:
            show(finding)
        click.echo(summary(findings))
    ctx.exit(0 if is_well else 1)


def _is_well(findings: Sequence[Finding]) -> bool:
    return not any(finding.level is Level.ERROR for finding in findings)


def show(finding: Finding) -> None:
    click.echo(f"{click.style(f'{finding.level:8}', COLOURS[finding.level])} {finding.part:10} {finding.found}")
    if finding.change:
        click.echo(f"{'':19} change: {finding.change}")


def summary(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.level for finding in findings)
    if not counts[Level.WARNING] and not counts[Level.ERROR]:
        return "All is well."
    return f"{_counted(counts[Level.ERROR], 'error')}, {_counted(counts[Level.WARNING], 'warning')}."


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
