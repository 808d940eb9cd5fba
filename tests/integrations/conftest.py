"""One Gavel for all tests of the ways to join it with a site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import free_port
from tests.integrations import newsroom_gavel
from tests.integrations.newsroom_gavel import NewsroomGavel
from workers.machine import queue_server


@pytest.fixture(scope="session")
def starting_gavel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewsroomGavel]:
    """With a queue server of its own: its worker would take the jobs of other tests off the shared one."""
    queue = queue_server.start(tmp_path_factory.mktemp("queue"), free_port())
    with newsroom_gavel.starting(tmp_path_factory.mktemp("gavel"), queue.url) as found:
        yield found
    queue.stop()


@pytest.fixture(scope="session")
def gavel(starting_gavel: NewsroomGavel) -> NewsroomGavel:
    newsroom_gavel.judge_toxicity_alone(starting_gavel.ready().call)
    return starting_gavel
