"""Runs the application under gunicorn. Each worker process creates its own after forking."""

from __future__ import annotations

import gc
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from moderation.ground.environment.settings import Settings
from moderation.ground.monitoring import instruments
from moderation.ground.monitoring.server_logs import Logger
from service.web.slow_clients import PatientWorker
from service.web.unread_requests import LONGEST_LINE

BACKLOG = 512  # connections that may wait to be accepted
SLOWEST_S = 35  # a feed may be held open for 30 seconds


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings and our application."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Takes all settings from ``options``; none comes from a file or the command line."""
        for name, value in options(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, created in the worker process."""
        from service.app import create_app  # noqa: PLC0415 - in the worker process, so that the first one starts light

        app = create_app(self.settings)
        settle()
        return app


def settle() -> None:
    """Exempts everything loaded so far from garbage collection: a search through it finds nothing, and halts a request
    for a tenth of a second. https://docs.python.org/3/library/gc.html#gc.freeze"""
    gc.collect()
    gc.freeze()


def options(settings: Settings) -> dict[str, Any]:
    """gunicorn's settings. https://gunicorn.org/reference/settings/"""
    return {
        "bind": [f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"],
        "worker_class": "service.web.slow_clients.PatientWorker",
        "workers": settings.web_processes,
        "threads": settings.web_threads,
        "backlog": BACKLOG,
        "limit_request_line": LONGEST_LINE,
        "graceful_timeout": SLOWEST_S,
        "keepalive": 15,
        "loglevel": settings.log_level.lower(),
        "accesslog": None,  # paths hold readers' and comments' ids
        "logger_class": Logger,
        "control_socket_disable": True,
        # service.web.proxies does this by TRUSTED_PROXIES; gunicorn would believe every program on loopback
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "proc_name": "gavel-web",
    }


def serve(settings: Settings) -> None:
    """Blocks until SIGTERM or SIGINT."""
    instruments.share(settings.gavel_home / "metrics")
    PatientWorker.patience_s = settings.request_timeout_s
    Server(settings).run()
