"""``rescore``: scores decided comments again. ``failure-policy``: what happens to a site's comments while scoring is
down."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click
from redis.exceptions import RedisError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.statuses import CommentStatus
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.pipeline.rescoring import rescoring
from moderation.pipeline.rescoring import rows as rescores
from moderation.pipeline.rescoring.rescoring import Run
from moderation.pipeline.rescoring.rows import Selection
from moderation.pipeline.waiting.settings import WhenDown
from moderation.sites import sites
from service.commands.context import queues_of
from service.context import utc_now

LOOK_EVERY_S = 1.0
DECIDED = (CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED)


@click.command()
@click.option("--site", "site_name", help="Only this site's comments.")
@click.option("--days", type=click.IntRange(min=1), help="Only comments of the last so many days.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    default=("published", "flagged"),
    show_default=True,
    type=click.Choice([s.value for s in DECIDED]),
    help="May be given more than once.",
)
@click.option(
    "--rate", "per_s", type=click.FloatRange(min=0), default=0, help="Comments per second; 0 is without a limit."
)
@click.option("--changes-only", is_flag=True, help="Store no new scores for comments whose outcome stays the same.")
@click.option("--release", is_flag=True, help="Publish held comments that the new scores would publish.")
@click.option("--resume", is_flag=True, help="Continue the last run. Give its options again.")
@click.option("--no-wait", is_flag=True, help="Do not wait and show progress; the sweeper does the rest.")
@click.pass_obj
def rescore(
    context: Operated,
    site_name: str | None,
    days: int | None,
    statuses: Sequence[str],
    per_s: float,
    changes_only: bool,
    release: bool,
    resume: bool,
    no_wait: bool,
) -> None:
    """Score decided comments again, after all new ones, for instance after a change of models.

    People's decisions stay. If the new scores of a comment disagree with its decision, it is flagged for a person. The
    database keeps the run, so you can stop this command at any time: the sweeper and the workers continue.
    """
    database = context.database()
    selection = Selection(
        site_id=site_named(database, site_name) if site_name else None,
        statuses=tuple(CommentStatus(s) for s in statuses),
        since=utc_now() - timedelta(days=days) if days else None,
    )
    run = _unfinished(database) if resume else rescoring.start(database, selection)
    with _progress() as progress:
        marking = progress.add_task("marking", total=run.total, completed=run.marked)
        marked = rescoring.mark(
            database,
            run,
            selection,
            changes_only=changes_only,
            releases=release,
            per_s=per_s,
            by=operator(),
            now=utc_now(),
        )
        for run in marked:
            progress.update(marking, completed=run.marked, total=max(run.total, run.marked))
        if not no_wait:
            _watch(database, queues_of(context.settings), run, progress)
    click.echo(
        f"{run.marked} comments of run {run.run_id}" + (": the workers continue" if no_wait else " scored again")
    )


@click.command("failure-policy")
@click.argument("site_name", metavar="SITE")
@click.option("--patience", "patience_s", help="Seconds that a comment may wait for its scores, or none.")
@click.option(
    "--when-down", type=click.Choice([w.value for w in WhenDown]), help="How comments are decided after that."
)
@click.pass_obj
def failure_policy(context: Operated, site_name: str, patience_s: str | None, when_down: str | None) -> None:
    """Show or set what happens to SITE's comments while scoring is down.

    hold sends them to people. rules_only lets the rules that need no model decide alone, so comments that break none
    are published. Either way they are scored as soon as scoring is back, and those that should not have been published
    are flagged.
    """
    database = context.database()
    site_id = site_named(database, site_name)
    changes: dict[str, Any] = {} if patience_s is None else {"patience_s": _seconds(patience_s)}
    if when_down is not None:
        changes["when_scoring_is_down"] = WhenDown(when_down)
    site = sites.change_settings(database, site_id, by=operator(), now=utc_now(), **changes)
    chosen = site.settings
    waits = "wait without a limit"
    if chosen.patience_s is not None:
        waits = f"wait {chosen.patience_s:g} s, then {chosen.when_scoring_is_down}"
    click.echo(f"{site.name}: comments {waits}")


def _unfinished(database: Database) -> Run:
    with database.read() as conn:
        run = rescoring.unfinished(conn)
    if run is None:
        raise click.ClickException("there is no unfinished run")
    return run


def _watch(database: Database, queues: Queues, run: Run, progress: Progress) -> None:
    """Waits until every mark is gone. It also enqueues marks that are due, before the sweeper comes round."""
    scoring = progress.add_task("scoring", total=run.marked)
    while True:
        with database.read() as conn:
            left = rescores.count_marks(conn, run.run_id)
        progress.update(scoring, completed=run.marked - left)
        if left == 0:
            return
        try:
            rescoring.enqueue_due(database, queues, now=utc_now())
        except RedisError as e:
            progress.console.print(f"Redis does not answer, trying again: {e}")
        time.sleep(LOOK_EVERY_S)


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


def _seconds(given: str) -> float | None:
    if given.lower() == "none":
        return None
    try:
        return float(given)
    except ValueError as e:
        raise click.BadParameter("must be a number of seconds or none", param_hint="--patience") from e
