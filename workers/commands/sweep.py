"""``sweep``: find what a queue has lost, release events, and do the work of each day and night."""

from __future__ import annotations

from functools import partial

import click

from moderation.ground.jobs import jobs
from moderation.operations.composition import open_database
from moderation.operations.operating import heartbeats
from moderation.operations.operating.command_line import Operated
from moderation.spine.articles.ageing import close_aged
from workers.commands.process import begin
from workers.sweeping import sweeper
from workers.sweeping.daily_retention import DailyRetention
from workers.sweeping.day_counter import DayCounter
from workers.sweeping.hourly import (
    ALERT_EVERY,
    CLOSE_EVERY,
    Hourly,
    guard_models,
    guard_second_readers,
    mend_pages,
    notice_alerts,
)
from workers.sweeping.nightly_learning import NightlyLearning


@click.command()
@click.pass_obj
def sweep(context: Operated) -> None:
    """Enqueue lost comments again, release events, delete what sites no longer keep, let sites learn, until SIGTERM."""
    settings = context.settings
    begin(settings)
    queues = jobs.Queues(jobs.connect_for_worker(settings.resolved_redis_url), job_timeout_s=settings.batch_timeout_s)
    database = open_database(settings.resolved_database_url, pool_size=2)
    sweeping = sweeper.Sweeper(database, queues, age_s=settings.sweep_age_s)
    beat = partial(heartbeats.beat, settings.gavel_home, "sweep")
    retaining = DailyRetention(database, sweeping.name, hour=settings.retain_hour)
    guarding, mending = Hourly(database, guard_models), Hourly(database, mend_pages)
    reading = Hourly(database, guard_second_readers)
    alerting = Hourly(database, notice_alerts, every=ALERT_EVERY)
    closing = Hourly(database, close_aged, every=CLOSE_EVERY)
    learning = NightlyLearning(database, sweeping.name, hour=settings.learn_hour)
    counting = DayCounter(database)
    daily = tuple(work.step for work in (retaining, guarding, reading, learning, counting, mending, closing, alerting))
    try:
        sweeper.run(sweeping, interval_s=settings.sweep_interval_s, beat=beat, daily=daily)
    finally:
        learning.stop()
