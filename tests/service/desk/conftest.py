"""The real application on a real database, with its cast. No queue server: the desk needs none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from service.app import create_app
from tests.clock import Clock
from tests.conftest import free_port
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast


@pytest.fixture
def no_queues() -> Queues:
    """A queue server that is away: comments are recorded all the same, and the desk never asks for it."""
    return Queues(Redis(port=free_port(), socket_connect_timeout=0.05, retry=Retry(NoBackoff(), 0)))


@pytest.fixture
def cast(database: Database, no_queues: Queues) -> Cast:
    return Cast(database, no_queues, datetime.now(UTC))


@pytest.fixture
def clock() -> Clock:
    """Stands still, so that no count is forgotten in the middle of a test that takes long."""
    return Clock()


@pytest.fixture
def app(cast: Cast, clock: Clock) -> Flask:
    return create_app(Settings(demo=True), database=cast.database, queues=cast.queues, clock=clock)


@pytest.fixture
def browser(app: Flask) -> Callable[[], Browser]:
    return lambda: Browser(app.test_client())


@pytest.fixture
def ana(browser: Callable[[], Browser], cast: Cast) -> Browser:
    return browser().log_in_as(cast, "Ana")


@pytest.fixture
def ben(browser: Callable[[], Browser], cast: Cast) -> Browser:
    return browser().log_in_as(cast, "Ben")


@pytest.fixture
def carla(browser: Callable[[], Browser], cast: Cast) -> Browser:
    return browser().log_in_as(cast, "Carla")
