"""One WordPress for all tests of the plugin."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.desk.conftest import chromium
from tests.integrations.newsroom_gavel import NewsroomGavel
from tests.integrations.wordpress import blog as blogs
from tests.integrations.wordpress import network as networks
from tests.integrations.wordpress import packages
from tests.integrations.wordpress.blog import Blog
from tests.integrations.wordpress.network import Network
from tests.integrations.wordpress.packages import Packages

__all__ = ["chromium"]


@pytest.fixture(scope="session")
def unpacked() -> Packages:
    """Where the packages cannot be had these tests are skipped, but never in continuous integration."""
    found = packages.find()
    if isinstance(found, str):
        if os.environ.get("CI"):
            pytest.fail(found)
        pytest.skip(found)
    return found


@pytest.fixture(scope="session")
def unconnected(
    unpacked: Packages,
    starting_gavel: NewsroomGavel,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Blog]:
    with blogs.running(unpacked, tmp_path_factory.mktemp("blog")) as blog:
        yield blog


@pytest.fixture(scope="session")
def network(unconnected: Blog) -> Iterator[Network]:
    with networks.running(unconnected) as found:
        yield found


@pytest.fixture(scope="session")
def scoring(gavel: NewsroomGavel) -> None:
    gavel.scores_texts()


@pytest.fixture
def blog(unconnected: Blog, gavel: NewsroomGavel) -> Blog:
    """Connected, and with a moderator logged in."""
    if not unconnected.is_logged_in:
        unconnected.log_in()
    unconnected.connect(gavel.url, gavel.key)
    return unconnected
