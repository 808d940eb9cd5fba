"""``status``: the state of everything. ``capacity``: how many workers keep a given delay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import click
from redis.exceptions import RedisError
from rich.table import Table

from moderation.ground.environment.settings import Settings
from moderation.ground.errors import ScoringAway
from moderation.ground.monitoring import logs
from moderation.operations.operating import capacity as planning
from moderation.operations.operating import vitals
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.deleting import retention
from moderation.operations.operating.deleting.retention import WORDS, Deletion, Schedule
from moderation.operations.operating.vitals import DatabaseState, RedisState
from moderation.pipeline.drafts.scoring_process import ScoringProcess
from moderation.pipeline.waiting import vitals_rows as store
from service.commands.context import console, queues_of
from service.context import utc_now

SILENT_AFTER_S = 90  # without a heartbeat for so long, a worker counts as silent


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def status(context: Operated, as_json: bool) -> None:
    """Show queues, workers, the last sweep, deliveries and versions."""
    now = utc_now()
    stored = vitals.stored(context.database(), now=now)
    try:
        queued = vitals.queued(queues_of(context.settings))
    except RedisError as e:
        click.echo(f"Redis does not answer: {e}", err=True)
        queued = None
    scoring = scoring_state(context.settings)
    if as_json:
        click.echo(json.dumps({**summary(stored, queued, now, context.settings), "scoring": scoring}))
        return
    out = console()
    for table in (_lanes(stored, queued, now), _workers(queued, now), _rest(stored, now, context.settings, scoring)):
        out.print(table)


@click.command()
@click.option(
    "--delay",
    "delay_s",
    type=click.FloatRange(min=0.001),
    default=2.0,
    show_default=True,
    help="Seconds within which 95 % of the comments are decided.",
)
@click.option("--rate", type=click.FloatRange(min=0), help="Comments per second; if left out, the busiest minute's.")
@click.option(
    "--minutes",
    type=click.IntRange(1, 1440),
    default=60,
    show_default=True,
    help="How far back to look for the busiest minute.",
)
@click.pass_obj
def capacity(context: Operated, delay_s: float, rate: float | None, minutes: int) -> None:
    """Say how many workers keep a delay, from the measured speed and the arrivals."""
    now = utc_now()
    with context.database().read() as conn:
        pace = store.pace(conn, now=now, window=timedelta(minutes=minutes))
        busiest = store.busiest_minute(conn, now=now, minutes=minutes) if rate is None else rate
    cost = pace.model_seconds_per_comment
    if cost is None:
        raise click.ClickException(f"nothing was scored in the last {minutes} minutes, so the speed is unknown")
    measured = planning.MeasuredLoad(busiest, cost, context.settings.batch_size, pace.mean_batch)
    plan = planning.plan(measured, delay_s)
    whose = "your value" if rate is not None else f"the busiest of the last {minutes} minutes"
    click.echo(f"arrivals        {busiest:.2f} comments/s ({whose})")
    click.echo(
        f"model           {cost * 1000:.2f} ms a comment, {1 / measured.seconds_per_comment:.0f}/s a worker in all"
    )
    if measured.is_slower_than_busy:
        click.echo(
            f"batches         small, {measured.mean_batch:.1f} comments on average: a busy worker is faster, "
            "so the number below is an upper bound"
        )
    if not plan.holds:
        raise click.ClickException(f"no number of workers decides within {delay_s:g} s: one comment takes {cost:.2f} s")
    click.echo(f"workers needed  {plan.workers} for {delay_s:g} s, each busy {plan.share_busy:.0%} of the time")


def summary(stored: DatabaseState, queued: RedisState | None, now: datetime, settings: Settings) -> dict[str, Any]:
    sweep, planned = stored.sweeper, _planned(stored, now, settings)
    return {
        "waiting": {lane: {"count": n, "oldest_s": _age(since, now)} for lane, (n, since) in stored.by_lane().items()},
        "flagged": dict(stored.flagged),
        "queues": {name: dict(counts) for name, counts in queued.jobs.items()} if queued else None,
        "workers": [
            {"name": w.name, "host": w.hostname, "state": w.state, "queues": w.queues, "heartbeat_s": w.age_s(now)}
            for w in queued.workers
        ]
        if queued
        else None,
        "last_sweep_s": _age(sweep.noted_at, now) if sweep else None,
        "retention": {
            "last_s": _age(planned.last_at, now),
            "removed": dict(planned.removed),
            "next_at": planned.next_at.isoformat(),
        },
        "undelivered": {
            "count": stored.undelivered.count,
            "failing": stored.undelivered.failing,
            "oldest_s": _age(stored.undelivered.since, now),
        },
        "per_second": {"arrived": stored.pace.arrived, "decided": stored.pace.decided},
        "models": dict(stored.models),
        "policies": dict(stored.policies),
    }


def _lanes(stored: DatabaseState, queued: RedisState | None, now: datetime) -> Table:
    table = _table("Queues", "queue", "waiting", "oldest", *vitals.STATES)
    by_lane = stored.by_lane()
    for name in vitals.QUEUES:
        count, since = by_lane.get(name, ("", None))
        counts: Mapping[str, int] = queued.jobs[name] if queued else {}
        table.add_row(name, str(count), _ago(since, now), *(str(counts.get(s, "?")) for s in vitals.STATES))
    return table


def _workers(queued: RedisState | None, now: datetime) -> Table:
    table = _table("Workers", "worker", "host", "state", "queues", "jobs done", "heartbeat")
    for worker in queued.workers if queued else ():
        age_s = worker.age_s(now)
        heard = f"{age_s:.0f} s ago" if age_s <= SILENT_AFTER_S else f"[bold red]{age_s:.0f} s ago[/]"
        queues = ", ".join(worker.queues)
        table.add_row(worker.name, worker.hostname, worker.state, queues, str(worker.jobs_done), heard)
    if not table.row_count:
        table.add_row("[bold red]none[/]")
    return table


def scoring_state(settings: Settings) -> dict[str, Any] | None:
    """The scoring process in its own words; None if it does not answer, or is off."""
    try:
        return asdict(ScoringProcess.of(settings).state())
    except ScoringAway:
        return None


def _scoring(state: Mapping[str, Any] | None, settings: Settings) -> str:
    if state is not None:
        return f"{state['scored']} texts scored, {state['waiting']} wait, {state['refused']} requests refused"
    return "off" if ScoringProcess.of(settings).is_off else "[bold red]does not answer[/]"


def _rest(stored: DatabaseState, now: datetime, settings: Settings, scoring: Mapping[str, Any] | None) -> Table:
    table = _table("The rest", "what", "state")
    table.add_row("queue server", logs.clean(settings.resolved_redis_url))
    sweep, late = stored.sweeper, stored.undelivered
    table.add_row("last sweep", f"{_ago(sweep.noted_at, now)} by {sweep.holder}" if sweep else "[bold red]never[/]")
    table.add_row("daily retention", _retention(_planned(stored, now, settings), now))
    table.add_row("scoring process", _scoring(scoring, settings))
    oldest = f"; oldest {_ago(late.since, now)}" if late.since else ""
    table.add_row("events undelivered", f"{late.count}, of which {late.failing} have failed before{oldest}")
    table.add_row("in the last 5 minutes", f"{stored.pace.arrived:.1f}/s arrived, {stored.pace.decided:.1f}/s decided")
    for name, model in stored.models.items():
        table.add_row(f"model of {name}", model)
    for site, policy in stored.policies.items():
        table.add_row(site, f"policy {policy}, {stored.flagged.get(site, 0)} flagged")
    return table


def _planned(stored: DatabaseState, now: datetime, settings: Settings) -> Schedule:
    return retention.schedule_after(stored.retention, hour=settings.retain_hour, now=now)


def _retention(planned: Schedule, now: datetime) -> str:
    removed = ", ".join(f"{count} {WORDS[Deletion(kind)]}" for kind, count in planned.removed.items() if count)
    last = f"{_ago(planned.last_at, now)} ({removed or 'nothing had to go'})" if planned.last_at else "never"
    due = "[bold red]overdue since[/]" if planned.is_due(now) else "next at"
    return f"{last}; {due} {planned.next_at:%Y-%m-%d %H:%M} UTC"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    return table


def _age(since: datetime | None, now: datetime) -> float | None:
    return (now - since).total_seconds() if since else None


def _ago(since: datetime | None, now: datetime) -> str:
    age_s = _age(since, now)
    return "" if age_s is None else f"{age_s:.0f} s ago"
