"""Accepted POSTs per second by the service against a bare endpoint under the same gunicorn, in turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from statistics import median

from redis import Redis

from bench.load import Load, post_for
from bench.plant import Plant, free_port, plant
from moderation import sites
from service import serving

ROUNDS = 4
ROUND_S = 5.0
CONNECTIONS = 16


def measure() -> tuple[list[Load], list[Load]]:
    """(bare, ours): a Load for each round."""
    with plant() as built:
        key = sites.create_key(built.database, built.site_id, name="bench").key
        bare, ours = free_port(), free_port()
        command = serving.command(port=bare, app="bench.bare:create_app()")
        built.start(*command)
        built.start("service", "serve", PORT=str(ours), BACKLOG_LIMIT="10000000", RATE_LIMIT_PER_MINUTE="0")
        rounds: dict[int, list[Load]] = {bare: [], ours: []}
        for port in rounds:
            _wait_for(built, port, key)
        for _ in range(ROUNDS):
            for port, loads in rounds.items():
                Redis.from_url(built.server.url).flushall()
                loads.append(post_for(port, _bodies(), key=key, connections=CONNECTIONS, seconds=ROUND_S))
        return rounds[bare], rounds[ours]


def rate(loads: list[Load]) -> float:
    return median(load.rate for load in loads)


def _bodies() -> Iterator[dict[str, object]]:
    for number in count():
        yield {
            "article": {"id": "export-controls"},
            "author": {"id": f"reader-{number % 50}", "name": f"Reader {number % 50}"},
            "text": f"The licence rules will take months to settle, and number {number} says so too.",
        }


def _wait_for(built: Plant, port: int, key: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            post_for(port, _bodies(), key=key, connections=1, seconds=0.2)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"no server on port {port}: see {built.folder / 'processes.log'}")
