"""``learn``: learns what one site's people reject, shows the versions, writes a model card, and puts a version back."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache, partial
from pathlib import Path

import click

from moderation.ground.database.engine import Database
from moderation.ground.environment.clock import utc_now
from moderation.ground.environment.settings import Settings
from moderation.insight.learning import house_card, house_versions
from moderation.insight.learning import rows as learning
from moderation.judging.signals.house import HOUSE
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from workers.learning.house_archive import Progress
from workers.learning.house_runs import HouseRun, Learner
from workers.scoring.scorer import Scorer

NOTHING_LEARNT = 3
NICENESS = 10

log = logging.getLogger(__name__)


@click.group(invoke_without_command=True)
@click.option("--site", "site_name", metavar="SITE", help="The site, by name or id.")
@click.option("--nightly", is_flag=True, help="Every site with new decisions, one after the other.")
@click.option("--report", "whole", is_flag=True, help="Print the whole report.")
@click.option("--dry-run", is_flag=True, help="Print what would be learnt, and keep no version.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def learn(ctx: click.Context, site_name: str | None, nightly: bool, whole: bool, dry_run: bool, as_json: bool) -> None:
    """Learn from the decisions of SITE's people what they reject: its house model.

    Comments that were never scored, as imported ones, are scored first; if that is cut off, the next run goes on there.
    The exit status is 3 if no version was put into use. Workers take up a new version within ten seconds.
    """
    if ctx.invoked_subcommand is not None:
        return
    if nightly == (site_name is not None):
        raise click.UsageError("Give either --site or --nightly.")
    operated: Operated = ctx.obj
    with closing(operated.database()) as database:
        if nightly:
            _learn_all(database, operated.settings)
            return
        site_id = site_named(database, site_name or "")
        learner = Learner(database, _loader(operated.settings), utc_now, operator())
        with _progress() as progress:
            run = learner.learn(site_id, dry_run=dry_run, progress=progress)
    _print(run, whole=whole, dry_run=dry_run, as_json=as_json)
    if run.learnt.refusal is not None:
        ctx.exit(NOTHING_LEARNT)


@learn.command("versions")
@click.argument("site_name", metavar="SITE")
@click.pass_obj
def list_versions(operated: Operated, site_name: str) -> None:
    """List what SITE has learnt, newest first, with the version in use."""
    with closing(operated.database()) as database:
        site_id = site_named(database, site_name)
        with database.read() as conn:
            versions = learning.reports(conn, site_id, HOUSE.name)
    if not versions:
        click.echo("Nothing was learnt yet: the site has no house model.")
    for row in versions:
        state = "in use" if row.is_current else "not offered" if row.report["refusal"] else ""
        auc, many = row.report["both"]["auc"], row.report["decided"]
        click.echo(
            f"{row.version:4}  {row.created_at:%Y-%m-%d %H:%M}  {many:,} decisions, AUC {auc:.3f}  {state}".rstrip()
        )


@learn.command("use")
@click.argument("site_name", metavar="SITE")
@click.option("--version", type=click.IntRange(min=1), help="A version from `learn versions`.")
@click.option("--none", "no_model", is_flag=True, help="No house model: comments get no such signal.")
@click.pass_obj
def use_version(operated: Operated, site_name: str, version: int | None, no_model: bool) -> None:
    """Put a version of SITE into use, or none."""
    if (version is None) != no_model:
        raise click.UsageError("Give either --version or --none.")
    with closing(operated.database()) as database:
        site_id = site_named(database, site_name)
        house_versions.use(database, site_id, version, by=operator(), now=utc_now())
    click.echo("Now in use: " + ("no house model" if version is None else f"version {version}"))


@learn.command("card")
@click.argument("site_name", metavar="SITE")
@click.option("--version", type=click.IntRange(min=1), help="Else the version in use.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file to write; else print it.")
@click.pass_obj
def write_card(operated: Operated, site_name: str, version: int | None, out: Path | None) -> None:
    """Write the model card of a version, in Markdown."""
    with closing(operated.database()) as database:
        site_id = site_named(database, site_name)
        with database.read() as conn:
            name = sites.get_site(conn, site_id).name
        text = house_card.card(name, house_versions.found(database, site_id, version))
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


def _learn_all(database: Database, settings: Settings) -> None:
    """An error at one site does not keep the others from learning. Workers that score go first."""
    os.nice(NICENESS)
    with database.read() as conn:
        every = sites.all_sites(conn)
    learner = Learner(database, _loader(settings), utc_now, actors.SYSTEM)
    for site in every:
        try:
            if learner.has_news(site.id):
                run = learner.learn(site.id)
                log.info("%s: %s", site.name, _said(run))
        except Exception:
            log.exception("could not learn from the decisions of %s", site.name)


def _loader(settings: Settings) -> partial[Scorer]:
    return partial(_loaded, settings.toxicity_model, settings.toxicity_engine, settings.model_threads)


@cache  # loading the models takes seconds
def _loaded(model: str, engine: str, threads: int) -> Scorer:
    return Scorer.load(toxicity_model=model, engine=engine, threads=threads)


@contextmanager
def _progress() -> Iterator[Progress]:
    """One line on a terminal; nothing elsewhere."""
    screen, on = sys.stderr, sys.stderr.isatty()

    def show(done: int, every: int) -> None:
        if on:
            print(f"\r\x1b[K{done:,} of {every:,} comments scored", end="", file=screen, flush=True)

    yield show
    if on:
        print("\r\x1b[K", end="", file=screen, flush=True)


def _print(run: HouseRun, *, whole: bool, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**run.learnt.report, "version": run.version}))
        return
    if whole:
        for line in house_card.lines(run.learnt.report):
            click.echo(line)
    elif run.learnt.model is not None:
        click.echo(house_card.headline(run.learnt.report))
    click.echo(
        f"A dry run: nothing was kept. {_said(run)}" if dry_run else _said(run), err=run.learnt.refusal is not None
    )


def _said(run: HouseRun) -> str:
    if run.learnt.refusal is not None:
        kept = f"Version {run.version} was kept and is not offered" if run.version else "Nothing was learnt"
        return f"{kept}: {run.learnt.refusal.rstrip('.')}."
    return f"Version {run.version} is in use." if run.version else "It would be put into use."
