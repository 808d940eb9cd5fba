"""Runs the application under gunicorn. Each worker process makes its own, after forking."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from moderation.settings import Settings

BACKLOG = 512  # connections that may wait to be accepted
METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
SLOWEST_S = 35  # a feed held open for 30 seconds, and a little


class Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in options(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        from service.app import create_app  # noqa: PLC0415 - in the worker process, so that the first one starts light

        return create_app(self.settings, metrics_folder=metrics_folder(self.settings))


def options(settings: Settings) -> dict[str, Any]:
    return {
        "bind": [f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"],
        "worker_class": "gthread",
        "workers": settings.web_processes,
        "threads": settings.web_threads,
        "backlog": BACKLOG,
        "graceful_timeout": SLOWEST_S,
        "keepalive": 15,
        "loglevel": settings.log_level.lower(),
        "accesslog": None,  # paths hold readers' and comments' ids
        "errorlog": "-",
        "control_socket_disable": True,
        "proc_name": "gavel-web",
    }


def metrics_folder(settings: Settings) -> Path:
    return settings.gavel_home / f"metrics-{settings.port}"


def serve(settings: Settings) -> None:
    """Blocks until SIGTERM or SIGINT."""
    folder = metrics_folder(settings)
    shutil.rmtree(folder, ignore_errors=True)  # counts start at zero with the server
    folder.mkdir(parents=True)
    os.environ[METRICS_VARIABLE] = str(folder)  # the library looks there, when a worker process imports it
    Server(settings).run()
