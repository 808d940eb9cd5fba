"""``spam``: lets the spam model learn from one site's decisions, shows its versions, and puts one back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from moderation.insight.learning import example_rows as examples
from moderation.insight.learning import rows as learning
from moderation.insight.learning import site_weights
from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from moderation.judging.signals.model_signals import SPAM
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import rows as sites
from moderation.sites.settings.rejection_reasons import SPAM_REASON
from workers.learning.spam_refit import MOST_DECISIONS, JudgedSpamModel, Refit, refit
from workers.scoring.engines.weights import BUNDLED, NGRAMS_FILE, Weights, default_models_dir
from workers.scoring.ngrams.model import read_ngrams

NOTHING_LEARNT = 3


@click.group()
def spam() -> None:
    """Learn what one site's people reject as spam."""


@spam.command("refit")
@click.argument("site_name", metavar="SITE")
@click.option("--reason", default=SPAM_REASON, show_default=True, help="The site's reason for rejecting spam.")
@click.option("--dry-run", is_flag=True, help="Print what would change, and keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def refit_site(ctx: click.Context, site_name: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Learn from the newest decisions by people at SITE, and use the result if it judges their newest ones better.

    The exit status is 3 if nothing was learnt. Workers take up a new version within ten seconds.
    """
    operated: Operated = ctx.obj
    database = operated.database()
    site_id = site_named(database, site_name)
    weights = Weights.read(BUNDLED, default_models_dir() / SPAM.name)
    limit = DEFAULT_LIMITS[SPAM.name]
    with database.read() as conn:
        _refuse_unknown(reason, sites.get_site(conn, site_id).settings.rejection_reasons)
        decided = examples.decided_by_people(conn, site_id, most=MOST_DECISIONS)
    refitted = refit(read_ngrams(weights.verified(NGRAMS_FILE)), decided, limit=limit, reason=reason)
    version = None
    if refitted.weights is not None and not dry_run:
        report = {**refitted.report, "model": weights.version}
        version = site_weights.put_into_force(
            database, site_id, SPAM.name, refitted.weights, report, by=operator(), now=datetime.now(UTC)
        )
    _print(refitted, version, as_json)
    if refitted.refusal is not None:
        ctx.exit(NOTHING_LEARNT)


@spam.command("versions")
@click.argument("site_name", metavar="SITE")
@click.pass_obj
def list_versions(operated: Operated, site_name: str) -> None:
    """List what SITE has learnt, newest first, with the version in use."""
    database = operated.database()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        versions = learning.versions(conn, site_id, SPAM.name)
    if not versions:
        click.echo("Nothing was learnt yet: the shipped weights are in use.")
    for row in versions:
        used = "in use" if row.is_current else ""
        click.echo(f"{row.version:4}  {row.created_at:%Y-%m-%d %H:%M}  {_learnt_from(row.report)}  {used}".rstrip())


@spam.command("use")
@click.argument("site_name", metavar="SITE")
@click.option("--version", type=click.IntRange(min=1), help="A version from `spam versions`.")
@click.option("--shipped", is_flag=True, help="The shipped weights alone.")
@click.pass_obj
def use_version(operated: Operated, site_name: str, version: int | None, shipped: bool) -> None:
    """Put an earlier version of SITE back into use, or the shipped weights alone."""
    if (version is None) != shipped:
        raise click.UsageError("Give either --version or --shipped.")
    database = operated.database()
    site_id = site_named(database, site_name)
    site_weights.go_back(database, site_id, SPAM.name, version, by=operator(), now=datetime.now(UTC))
    click.echo("Now in use: " + ("the shipped weights" if version is None else f"version {version}"))


def _refuse_unknown(reason: str, known: Sequence[str]) -> None:
    if reason not in known:
        raise click.UsageError(f"--reason: the site has no reason {reason!r}. It has: {', '.join(known)}")


def _print(refitted: Refit, version: int | None, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**refitted.report, "version": version}))
        return
    click.echo(f"Decisions by people: {_learnt_from(refitted.report)}.")
    for name, judged in (("before", refitted.before), ("after", refitted.after)):
        if judged is not None:
            click.echo(f"The newest fifth, {name}: {_judged(judged, refitted.limit)}")
    if refitted.refusal is not None:
        click.echo(f"Nothing learnt: {refitted.refusal}.", err=True)
    elif version is None:
        click.echo("A dry run: nothing was kept.")
    else:
        click.echo(f"Version {version} is in use. To go back: gavel spam use SITE --shipped")


def _learnt_from(report: Any) -> str:
    return f"{report['spam']:,} spam, {report['other']:,} other"


def _judged(judged: JudgedSpamModel, limit: float) -> str:
    caught, held = f"{judged.caught:.0%} of spam", f"{judged.held:.1%} of the rest"
    return f"AUC {judged.auc:.3f}; at the limit {limit}, {caught} and {held} would be held"
