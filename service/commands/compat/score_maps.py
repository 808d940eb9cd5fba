"""``compat fit-scores`` and ``forget-scores``: curves that put our values on a newsroom's Perspective scale.

A file of texts with their Perspective scores is CSV with a column for each attribute, or JSON lines with a field for
each, or with Perspective's own answer."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.pipeline.drafts.drafts import MAX_TEXT_CHARS
from moderation.pipeline.drafts.messages import Text
from moderation.pipeline.drafts.scoring_process import ScoringProcess
from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites.settings.score_maps import LEAST_TEXTS, Pair, Points, applied, fit
from service.commands.context import console
from service.compat.perspective.attributes import SIGNAL_OF
from service.context import utc_now

MAX_FIELD_CHARS = 1_000_000
JSON_LINES = (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True, slots=True)
class TextWithScores:
    text: str
    scores: Mapping[str, float]  # by attribute, as Perspective writes it


def read(path: Path) -> list[TextWithScores]:
    """Lines without a text or without a score are left out. Raises ClickException, which names the line."""
    rows = _json_lines(path) if path.suffix.lower() in JSON_LINES else _table(path)
    texts = [
        TextWithScores(text, scores)
        for number, row in rows
        if (text := _text(row)) and (scores := _scores(row, number))
    ]
    if not texts:
        raise click.ClickException(f"{path}: no line has both a `text` and a score such as TOXICITY")
    return texts


def _table(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    csv.field_size_limit(MAX_FIELD_CHARS)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            yield number, {name: value for name, value in row.items() if isinstance(name, str)}


def _json_lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as e:
                raise click.ClickException(f"line {number} is not JSON: {e}") from e
            if not isinstance(row, dict):
                raise click.ClickException(f"line {number} is not a JSON object")
            yield number, row


def _text(row: Mapping[str, Any]) -> str:
    comment = row.get("comment")
    text = row.get("text") or (comment.get("text") if isinstance(comment, dict) else comment)
    return text.strip() if isinstance(text, str) else ""


def _scores(row: Mapping[str, Any], number: int) -> dict[str, float]:
    """Columns in capitals, or in small letters, are attributes."""
    answer = row.get("attributeScores")
    values = {name: part["summaryScore"]["value"] for name, part in answer.items()} if isinstance(answer, dict) else row
    return {
        name.upper(): _share(value, name, number)
        for name, value in values.items()
        if name.upper() in _KNOWN and value not in (None, "")
    }


def _share(value: Any, name: str, number: int) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = -1.0
    if not 0 <= share <= 1:
        raise click.ClickException(f"line {number}: {name} must be between 0 and 1, and is {str(value)[:50]!r}")
    return share


_KNOWN = frozenset(
    ["TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT", "SEXUALLY_EXPLICIT", "OBSCENE",
     "SPAM"]
)  # fmt: skip


AT_ONCE, DEADLINE_S = 16, 60.0
STEPS = tuple(step / 10 for step in range(11))
LIMITS = (0.5, 0.7, 0.8, 0.9)
BAR = 30  # characters


@click.command("fit-scores")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", "site_name", required=True, help="The site whose answers the curves will change.")
@click.option("--language", default="en", show_default=True, help="The language of the texts.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Also draw the curves into this file.")
@click.option("--dry-run", is_flag=True, help="Show the curves and keep none.")
@click.pass_obj
def fit_scores(context: Operated, file: Path, site_name: str, language: str, svg: Path | None, dry_run: bool) -> None:
    """Fit curves to FILE, so that limits on Perspective's scores keep their meaning.

    FILE has a `text` and its Perspective scores on each line: CSV with columns such as TOXICITY, or JSON lines. The
    scoring process that runs now scores the texts. Texts and scores are not kept, only the points of the curves.
    """
    database = context.database()
    site_id = site_named(database, site_name)
    settings = context.settings
    scoring = ScoringProcess(settings.resolved_scoring_url, settings.resolved_scoring_token)
    pairs = _pairs(_short_enough(read(file)), scoring, site_id, language)
    curves = {name: fit(some) for name, some in pairs.items() if len(some) >= LEAST_TEXTS}
    for name, some in pairs.items():
        if name in curves:
            _show(name, some, curves[name])
        else:
            click.echo(f"{name}: {len(some)} texts are too few; a curve needs {LEAST_TEXTS}")
    if svg is not None:
        svg.write_text(drawing(curves), encoding="utf-8")
    if not curves:
        raise click.ClickException("no curve was fitted")
    if dry_run:
        click.echo("Nothing was kept.")
        return
    with database.read() as conn:
        before = store.get_site(conn, site_id).settings.perspective_score_maps
    changed = {**before, **curves}
    sites.change_settings(database, site_id, by=operator(), now=utc_now(), perspective_score_maps=changed)
    click.echo(f"{site_name} answers on these scales from now on: {', '.join(curves)}")


@click.command("forget-scores")
@click.option("--site", "site_name", required=True, help="The site that goes back to our own scale.")
@click.argument("attributes", nargs=-1)
@click.pass_obj
def forget_scores(context: Operated, site_name: str, attributes: tuple[str, ...]) -> None:
    """Remove the curves of ATTRIBUTES, or all."""
    database = context.database()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        before = store.get_site(conn, site_id).settings.perspective_score_maps
    if unknown := set(attributes) - set(before):
        raise click.BadParameter(f"{site_name} has no curve for {', '.join(sorted(unknown))}")
    left = {name: points for name, points in before.items() if attributes and name not in attributes}
    sites.change_settings(database, site_id, by=operator(), now=utc_now(), perspective_score_maps=left)
    click.echo(f"curves left: {', '.join(left) or 'none'}")


def _pairs(
    texts: Sequence[TextWithScores], scoring: ScoringProcess, site_id: str, language: str
) -> dict[str, list[Pair]]:
    """Both values of each text, by attribute. Raises ScoringUnavailable."""
    pairs: dict[str, list[Pair]] = {}
    with click.progressbar(length=len(texts), label="scoring", show_pos=True) as bar:
        for at in range(0, len(texts), AT_ONCE):
            some = texts[at : at + AT_ONCE]
            answer = scoring.score(
                [Text(text=row.text, site_id=site_id, language=language) for row in some], deadline_s=DEADLINE_S
            )
            for text, ours in zip(some, answer.scored, strict=True):
                values = {signal.name: signal.value for signal in ours.signals}
                for name, theirs in text.scores.items():
                    if (value := values.get(SIGNAL_OF[name])) is not None:
                        pairs.setdefault(name, []).append(Pair(value, theirs))
            bar.update(len(some))
    return pairs


def _short_enough(texts: Sequence[TextWithScores]) -> list[TextWithScores]:
    kept = [row for row in texts if len(row.text) <= MAX_TEXT_CHARS]
    if len(kept) < len(texts):
        click.echo(f"{len(texts) - len(kept)} texts have more than {MAX_TEXT_CHARS:,} characters and are left out")
    return kept


def _show(name: str, pairs: Sequence[Pair], points: Points) -> None:
    """The curve as a table, and the share of texts at usual limits on each scale."""
    table = Table(title=f"{name}: {len(pairs):,} texts", title_justify="left", box=None)
    for heading in ("ours", "Perspective's", ""):
        table.add_column(heading, justify="left" if not heading else "right")
    for ours in STEPS:
        theirs = applied(points, ours)
        table.add_row(f"{ours:.1f}", f"{theirs:.3f}", "▇" * round(BAR * theirs))
    limits = Table(box=None)
    for heading in ("at or above", "Perspective", "Gavel without the curve", "with it", "both agree"):
        limits.add_column(heading, justify="right")
    for limit in LIMITS:
        over = [(p.theirs >= limit, p.ours >= limit, applied(points, p.ours) >= limit) for p in pairs]
        shares = [sum(column) / len(pairs) for column in zip(*over, strict=True)]
        agree = sum(theirs == mapped for theirs, _, mapped in over) / len(pairs)
        limits.add_row(f"{limit:.1f}", *(f"{share:.1%}" for share in (*shares, agree)))
    console().print(table, limits, "")


def drawing(curves: Mapping[str, Points]) -> str:
    """An SVG with a panel for each curve."""
    side, gap = 200, 40
    width = gap + len(curves) * (side + gap)
    panels = []
    for index, (name, points) in enumerate(curves.items()):
        left = gap + index * (side + gap)
        line = " ".join(f"{left + side * ours:.1f},{gap + side * (1 - theirs):.1f}" for ours, theirs in points)
        panels.append(
            f'<text x="{left}" y="{gap - 10}">{name}</text>'
            f'<rect x="{left}" y="{gap}" width="{side}" height="{side}" fill="none" stroke="#999"/>'
            f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>'
            f'<text x="{left}" y="{gap + side + 16}">Gavel 0 to 1, up: Perspective 0 to 1</text>'
        )
    size = f'width="{width}" height="{side + 2 * gap}" font-family="sans-serif" font-size="11"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(panels)}</svg>\n'
