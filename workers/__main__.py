"""``python -m workers``: score comments from the queues; ``sweep``, ``deliver``, ``score``, ``export``, ``health``."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

from rq import Queue
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from moderation.errors import GavelError
from moderation.monitoring import instruments, logs
from moderation.queueing import jobs
from moderation.settings import Settings
from moderation.store.database import Database, storage_is_away
from workers.queue import health, metrics, sweeper, tasks
from workers.queue.batch_worker import BatchWorker
from workers.queue.job import AllowedJob

log = logging.getLogger("workers")

MAINTENANCE_INTERVAL_S = 15
WORKER_TTL_S = 60
INTERRUPTED = 130


def work(arguments: list[str], settings: Settings) -> int:
    """Loads the models once, then scores until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=work.__doc__)
    parser.add_argument("--burst", action="store_true", help="stop when the queues are empty")
    parser.add_argument("--name", help="the worker's name in `rq info`")
    options = parser.parse_args(arguments)
    _begin(settings)
    pipeline = tasks.build_pipeline(settings)
    metrics.tell_models(pipeline.scorer.models)
    log.info("models loaded: %s", ", ".join(f"{k} {v}" for k, v in pipeline.scorer.models.items()))
    worker = BatchWorker(
        [Queue(lane, connection=pipeline.queues.redis, serializer=JSONSerializer) for lane in jobs.LANES],
        run_batch=pipeline.score,
        max_batch=settings.batch_size,
        batch_timeout_s=settings.batch_timeout_s,
        is_away=storage_is_away,
        connection=pipeline.queues.redis,
        serializer=JSONSerializer,
        name=options.name,
        maintenance_interval=min(MAINTENANCE_INTERVAL_S, settings.batch_timeout_s),
        worker_ttl=WORKER_TTL_S,
        log_job_description=False,
    )
    worker.work(burst=options.burst, logging_level=settings.log_level)
    return 0


def sweep(arguments: list[str], settings: Settings) -> int:
    """Sweeps and releases events until SIGTERM."""
    argparse.ArgumentParser(prog="python -m workers sweep", description=sweep.__doc__).parse_args(arguments)
    _begin(settings)
    queues = jobs.Queues(jobs.connect_for_worker(settings.resolved_redis_url), job_timeout_s=settings.batch_timeout_s)
    database = Database(settings.resolved_database_url, pool_size=2)
    sweeping = sweeper.Sweeper(database, queues, age_s=settings.sweep_age_s)
    beat = partial(health.beat, settings.gavel_home, "sweep")
    sweeper.run(sweeping, interval_s=settings.sweep_interval_s, beat=beat)
    return 0


def deliver(arguments: list[str], settings: Settings) -> int:
    """Sends webhooks until SIGTERM."""
    argparse.ArgumentParser(prog="python -m workers deliver", description=deliver.__doc__).parse_args(arguments)
    _begin(settings)
    redis = jobs.connect_for_worker(settings.resolved_redis_url)
    worker = SimpleWorker(
        [Queue(jobs.DELIVER_QUEUE, connection=redis, serializer=JSONSerializer, job_class=AllowedJob)],
        connection=redis,
        serializer=JSONSerializer,
        job_class=AllowedJob,
        maintenance_interval=MAINTENANCE_INTERVAL_S,
        worker_ttl=WORKER_TTL_S,
        log_job_description=False,
    )
    worker.work(logging_level=settings.log_level)
    return 0


def _begin(settings: Settings) -> None:
    settings.refuse_placeholders()
    instruments.share(settings.gavel_home / "metrics")
    metrics.serve(settings.host, settings.metrics_port)


def score(arguments: list[str], _settings: Settings) -> int:
    """Scores JSON lines from standard input."""
    from workers.commands import score as command  # noqa: PLC0415 - the other commands need none of it

    return command.main(arguments)


def export(arguments: list[str], _settings: Settings) -> int:
    """Exports weights to ONNX; needs torch, which the other commands do not."""
    from workers.scoring import export as command  # noqa: PLC0415

    return command.main(arguments)


def check_health(arguments: list[str], settings: Settings) -> int:
    """Says whether this machine's process of a kind is well: exit code 0, or 1 and what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m workers health", description=check_health.__doc__)
    parser.add_argument("kind", choices=health.KINDS, nargs="?", default="work")
    wrong = health.check(parser.parse_args(arguments).kind, settings)
    print(wrong or "well")
    return 1 if wrong else 0


COMMANDS: dict[str, Callable[[list[str], Settings], int]] = {
    "work": work,
    "sweep": sweep,
    "deliver": deliver,
    "score": score,
    "export": export,
    "health": check_health,
}


def main(argv: Sequence[str]) -> int:
    name, arguments = (argv[0], list(argv[1:])) if argv and argv[0] in COMMANDS else ("work", list(argv))
    try:
        settings = Settings.from_env(os.environ)
        logs.set_up(settings.log_level, settings.log_format)
        return COMMANDS[name](arguments, settings)
    except KeyboardInterrupt:  # also while models are loaded
        return INTERRUPTED
    except GavelError as e:
        print(f"workers: {e}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
