"""The functions that our jobs name. They serve a stock ``rq worker`` one job at a time; the batch worker calls the
pipeline itself. The models and connections that they need are made once per process, from the environment."""

from __future__ import annotations

import gc
import os
from functools import cache

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues, connect_for_worker
from moderation.ground.webhooks.sending import Sender
from moderation.operations.alerts import mailing
from moderation.operations.alerts.sending import Alerter
from moderation.operations.composition import open_database
from moderation.pipeline.second_opinions import models
from workers.queue.delivery import Courier
from workers.queue.metrics import observe_batch
from workers.queue.pipeline import Pipeline
from workers.queue.second_reading import ReadingCourier
from workers.scoring.scorer import Scorer

OBJECTS_BETWEEN_SEARCHES = 20_000  # for garbage; Python's own 700 took 3 % of the time of comments


def score(comment_id: str) -> None:
    """Scores and decides one comment. Raises the error if that fails, so that RQ retries it."""
    (error,) = _pipeline().score([comment_id])
    if error is not None:
        raise error


def deliver(site_id: str) -> int:
    """Sends some of the site's due events and returns how many it took."""
    return _courier().deliver(site_id).taken


def read(site_id: str) -> int:
    """Has some of the site's comments read by its second readers, and returns how many."""
    settings = Settings.from_env(os.environ)
    queues = Queues(connect_for_worker(settings.resolved_redis_url))
    return reading_courier(settings, _courier().database, queues).deliver(site_id).taken


def load_scorer(settings: Settings) -> Scorer:
    """The scorer for these settings, with all models loaded. Raises ModelUnavailable."""
    return Scorer.load(
        toxicity_model=settings.toxicity_model,
        engine=settings.toxicity_engine,
        threads=settings.model_threads,
        cache_dir=settings.gavel_home / "models",
    )


def build_pipeline(settings: Settings) -> Pipeline:
    """Loads the models and connects."""
    queues = Queues(connect_for_worker(settings.resolved_redis_url), job_timeout_s=settings.batch_timeout_s)
    database = open_database(settings.resolved_database_url, pool_size=2)
    pipeline = Pipeline(database, queues, load_scorer(settings), observe=observe_batch)
    search_seldom_for_garbage()
    return pipeline


def search_seldom_for_garbage() -> None:
    """Leaves out the models and tables that are loaded: a search in them took 30 ms of some comment's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)


def build_courier(settings: Settings, *, pool_size: int = 2) -> Courier:
    database = open_database(settings.resolved_database_url, pool_size=pool_size)
    sender = Sender(settings.webhook_timeout_s, settings.private_webhooks)
    return Courier(database, sender, alerter=Alerter(database, sender, mailing.of(settings), settings.public_url))


def reading_courier(settings: Settings, database: Database, queues: Queues) -> ReadingCourier:
    return ReadingCourier(database, queues, models.asks(private_addresses=settings.private_webhooks))


@cache  # loading the models takes seconds
def _pipeline() -> Pipeline:
    return build_pipeline(Settings.from_env(os.environ))


@cache  # one pool of connections for all jobs
def _courier() -> Courier:
    return build_courier(Settings.from_env(os.environ))
