"""Runs the scoring process under gunicorn. Each of its processes loads the models for itself, after forking."""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from moderation.ground.environment.network import is_loopback
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import SettingsError
from moderation.ground.monitoring.server_logs import Logger
from moderation.judging.signals.model_signals import SPAM
from moderation.operations.composition import open_database
from moderation.pipeline.drafts import shared_token

THREADS = 256  # more than may wait, so that each request is looked at when it comes
BACKLOG = 512
LOADED_WITHIN_S = 300


class ScoringServer(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings."""

    def __init__(self, settings: Settings, token: str) -> None:
        self.settings, self._token = settings, token
        super().__init__()

    def load_config(self) -> None:
        """Takes all settings from ``options``; none comes from a file or the command line."""
        for name, value in options(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, in the process that answers. Raises ModelUnavailable."""
        from moderation.judging.text.reading import warm_up  # noqa: PLC0415
        from workers.answering.answerer import Answerer  # noqa: PLC0415
        from workers.answering.application import ScoringApplication  # noqa: PLC0415 - models are loaded after forking
        from workers.answering.learnt import LearntModels  # noqa: PLC0415
        from workers.answering.waiting import Waiting  # noqa: PLC0415
        from workers.queue import metrics  # noqa: PLC0415
        from workers.queue.tasks import load_scorer, search_seldom_for_garbage  # noqa: PLC0415

        warm_up()
        scorer, database = load_scorer(self.settings), open_database(self.settings.resolved_database_url, pool_size=1)
        answerer = Answerer(scorer, Waiting(), LearntModels(database, scorer.models.get(SPAM.name)))
        answerer.warm_up()
        search_seldom_for_garbage()
        metrics.serve(self.settings.host, self.settings.metrics_port)
        metrics.tell_models(answerer.scorer.models)
        answerer.start()
        return ScoringApplication(answerer, self._token)


def options(settings: Settings) -> dict[str, Any]:
    """gunicorn's settings. https://gunicorn.org/reference/settings/"""
    host = settings.scoring_host
    return {
        "bind": [f"[{host}]:{settings.scoring_port}" if ":" in host else f"{host}:{settings.scoring_port}"],
        "worker_class": "gthread",
        "workers": settings.scoring_processes,
        "threads": THREADS,
        "backlog": BACKLOG,
        "timeout": LOADED_WITHIN_S,
        "graceful_timeout": 10,
        "keepalive": 75,
        "loglevel": settings.log_level.lower(),
        "accesslog": None,
        "logger_class": Logger,
        "control_socket_disable": True,
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "proc_name": "gavel-answer",
    }


def serve(settings: Settings) -> None:
    """Blocks until SIGTERM or SIGINT. Raises SettingsError if others reach it and no SCORING_TOKEN is set."""
    if not settings.scoring_token and not is_loopback(settings.scoring_host):
        raise SettingsError("SCORING_TOKEN: must be set where SCORING_HOST is reached from other machines")
    ScoringServer(settings, settings.scoring_token or shared_token.make(settings.gavel_home)).run()
