"""A comment's status changes in one place of the code, and by all who change it in the same manner."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from moderation.deciding import intake
from moderation.deciding.status_changes import settle
from moderation.queueing.jobs import Queues
from moderation.schema import authors, events
from moderation.store.database import Database
from tests.builders import NOON
from tests.moderation.conftest import Newsroom
from tests.moderation.deciding.test_status_changes import judge

ROOT = Path(__file__).parents[3]
ROOMS = ("moderation", "service", "workers")


def callers(function: str, module: str) -> Iterator[str]:
    """Files that call ``module.function`` of the store, under any name by which they import the module."""
    for path in sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text())
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "moderation.store"
            for alias in node.names
            if alias.name == module
        }
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if called & {f"{name}.{function}" for name in names}:
            yield str(path.relative_to(ROOT))


def test_moves_events_decisions_and_authors_records_are_written_in_one_module() -> None:
    """Only the events of measures are written beside the measures: they are about an author and move no comment."""
    recording = ["moderation/deciding/move_records.py"]

    assert list(callers("move", "comment_moves")) == recording
    assert list(callers("insert_events", "events")) == ["moderation/deciding/author_measures.py", *recording]
    assert list(callers("insert_decisions", "decisions")) == recording
    assert list(callers("count_for_authors", "articles")) == recording


def test_an_edit_and_a_withdrawal_leave_the_same_event_as_a_decision_but_for_the_decision(
    newsroom: Newsroom, database: Database, queues: Queues
) -> None:
    comment = newsroom.post(id="n-1").comment
    settle(database, [judge(database, comment.id)], now=NOON)

    intake.edit(database, queues, newsroom.site.id, "n-1", "Another text.", now=NOON)
    intake.withdraw(database, newsroom.site.id, "n-1", now=NOON)

    with database.read() as conn:
        made = conn.execute(sa.select(events.c.type, events.c.payload).order_by(events.c.id)).all()
        record = conn.execute(sa.select(authors.c.published, authors.c.rejected)).one()
    assert [row.type for row in made] == ["comment.published", "comment.edited", "comment.withdrawn"]
    assert [row.payload["comment"]["version"] for row in made] == [2, 3, 4]
    assert len({tuple(sorted(row.payload["comment"])) for row in made}) == 1
    assert ["decision" in row.payload for row in made] == [True, False, False]
    assert tuple(record) == (0, 0)
