"""A worker's numbers for Prometheus: those of each batch, served on a port of their own if one is set."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from moderation.ground.monitoring import instruments
from moderation.spine.comments.moves import Judgement

log = logging.getLogger(__name__)


def observe_batch(judgements: Sequence[Judgement], model_seconds: float) -> None:
    """Counts a batch. ``model_seconds`` is the time that the models took for all of it."""
    counted = instruments.instruments()
    counted.batch_comments.observe(len(judgements))
    counted.model_seconds.observe(model_seconds)


def tell_models(models: Mapping[str, str]) -> None:
    """Publishes the versions of the loaded models."""
    for name, version in models.items():
        instruments.instruments().model.labels(name, version).set(1)


def serve(host: str, port: int) -> None:
    """Answers ``/metrics`` from a thread that ends with the process. Port 0 serves nothing.

    If several workers of one machine have the same port, the first answers for all, since they share their counts.
    """
    if port == 0:
        return
    try:
        server = _Server((host, port), _Handler)
    except OSError as e:
        log.warning("no metrics on port %d from this process: %s", port, e)
        return
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    log.info("metrics on port %d", port)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Logs it. The library prints to the standard error, and on a full disk that would end the thread."""
        log.warning("a request for metrics failed", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answers ``/metrics``; any other path is a 404."""
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404)
            return
        with instruments.counted() as registry:
            body = generate_latest(registry)
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE_LATEST)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing: there is a request every few seconds."""
