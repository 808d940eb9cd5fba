"""The table of capabilities at the end of a run that judged the bundled models."""

from __future__ import annotations

import pytest

from tests.development.capabilities import Result, read_floors, table

JUDGED = pytest.StashKey[list[Result]]()


@pytest.fixture(scope="session")
def judged(request: pytest.FixtureRequest) -> list[Result]:
    """Results to be shown at the end."""
    return request.config.stash.setdefault(JUDGED, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    results = config.stash.get(JUDGED, [])
    if results:
        terminalreporter.section("development suite of the bundled weights")
        terminalreporter.write_line(table(results, read_floors()))
