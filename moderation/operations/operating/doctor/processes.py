"""Checks the processes: workers by kind, from their heartbeats in the queue, the sweeper, from its lease, and the
scoring process, which is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import ScoringAway, SettingsError
from moderation.ground.jobs.jobs import connect_for_web
from moderation.operations.operating import vitals
from moderation.operations.operating.doctor.findings import Finding, error, ok, warning
from moderation.operations.operating.vitals import Worker
from moderation.pipeline.drafts.scoring_process import ScoringProcess

PART = "processes"
MARGIN_S = 60.0  # RQ hears nothing of a worker while it scores a batch
COMMANDS = {"work": "gavel worker", "deliver": "gavel deliver"}
MEANINGS = {"work": "no comment is scored or decided", "deliver": "no webhook is sent"}


def check(settings: Settings, database: Database | None, *, now: datetime) -> list[Finding]:
    findings = [*_workers(settings, now), _scoring(settings)]
    if database is not None:
        findings.append(_sweeper(settings, database, now))
    return findings


def _workers(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        known = vitals.workers(connect_for_web(settings.resolved_redis_url))
    except (RedisError, SettingsError):
        return  # the queue's own finding says so
    silent_after_s = settings.batch_timeout_s + MARGIN_S
    for kind in COMMANDS:
        yield _kind(kind, [worker for worker in known if worker.kind == kind], silent_after_s, now)


def _kind(kind: str, known: Sequence[Worker], silent_after_s: float, now: datetime) -> Finding:
    alive = [worker for worker in known if worker.age_s(now) <= silent_after_s]
    command = COMMANDS[kind]
    if not alive:
        heard = min((worker.age_s(now) for worker in known), default=None)
        last = "" if heard is None else f"; the last was heard of {heard:.0f} s ago"
        return error(PART, f"no `{command}` runs: {MEANINGS[kind]}{last}", f"start `{command}`")
    hosts = ", ".join(sorted({worker.hostname for worker in alive}))
    if len(alive) < len(known):
        silent = f"{len(known) - len(alive)} of {len(known)} `{command}` are silent"
        return warning(PART, silent, f"read their logs; alive are those on {hosts}")
    return ok(PART, f"{len(alive)} `{command}` on {hosts}")


def _scoring(settings: Settings) -> Finding:
    process = ScoringProcess.of(settings)
    if process.is_off:
        return ok(PART, "SCORING_URL is off: no text is scored without being stored")
    try:
        state = process.state()
    except ScoringAway as e:
        problem = f"texts that are not stored get no scores: {e} at {settings.resolved_scoring_url}"
        return error(PART, problem, "start `gavel answer`, or SCORING_URL=off where no program needs it")
    return ok(PART, f"`gavel answer` answers at {settings.resolved_scoring_url}; {state.waiting} texts wait there")


def _sweeper(settings: Settings, database: Database, now: datetime) -> Finding:
    late_after = timedelta(seconds=3 * settings.sweep_interval_s + MARGIN_S / 2)
    try:
        with database.read() as conn:
            lease = leases.find(conn, vitals.SWEEPER)
    except SQLAlchemyError as e:
        return error(PART, f"the sweeper's lease cannot be read: {e}", "DATABASE_URL=…")
    if lease is None or lease.noted_at is None:
        return error(PART, "the sweeper never went round: nothing finds what a queue loses", "start `gavel sweep`")
    age = now - lease.noted_at
    if age > late_after:
        problem = f"the sweeper ({lease.holder}) last went round {age.total_seconds():.0f} s ago"
        return error(PART, problem, "start `gavel sweep`, or read its log")
    return ok(PART, f"the sweeper is {lease.holder}; it last went round {age.total_seconds():.0f} s ago")
