"""A comment's status changes in one place of the code, and by all who change it in the same manner."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.arriving import intake
from moderation.authors.tables import authors
from moderation.comments import door, followers
from moderation.comments.moves import Move
from moderation.comments.tables import comments, decisions, scorings
from moderation.database.engine import Database
from moderation.events.tables import events
from moderation.jobs.jobs import Queues
from moderation.settling.judgements import settle
from tests.builders import NOON
from tests.moderation.comments.test_door import judge
from tests.moderation.conftest import Newsroom

ROOT = Path(__file__).parents[3]
ROOMS = ("moderation", "service", "workers")


def callers(function: str, module: str) -> Iterator[str]:
    """Files that call ``module.function`` of the core, under any name by which they import the module."""
    room, _, leaf = f"moderation.{module}".rpartition(".")
    for path in sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text())
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == room
            for alias in node.names
            if alias.name == leaf
        }
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if called & {f"{name}.{function}" for name in names}:
            yield str(path.relative_to(ROOT))


def test_moves_events_decisions_and_authors_records_are_written_in_one_module() -> None:
    """Only the events of measures, appeals and notices are written beside them: they move no comment."""
    here = ["moderation/comments/door.py"]

    assert list(callers("move", "comments.move_rows")) == here
    others = ["moderation/appeals/events.py", "moderation/authors/taking_measures.py", *here]
    notices = ["moderation/notices/deciding.py", "moderation/notices/giving.py"]
    assert list(callers("insert_events", "events.rows")) == [*others, *notices]
    assert list(callers("insert_decisions", "comments.decision_rows")) == here
    assert list(callers("count_for_authors", "articles.rows")) == ["moderation/authors/counts.py"]


def test_the_door_knows_no_subject_and_the_one_list_knows_them_all() -> None:
    """A module follows moves if it has a function of this name; the door imports none of them."""
    room = ROOT / "moderation"
    trees = {".".join(p.relative_to(ROOT).with_suffix("").parts): ast.parse(p.read_text()) for p in room.rglob("*.py")}
    following = {
        name
        for name, tree in trees.items()
        if any(isinstance(node, ast.FunctionDef) and node.name == "follow" for node in tree.body)
    }
    one_door = next(tree for name, tree in trees.items() if name.endswith(".door"))
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(one_door)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert {follow.__module__ for follow in followers.FOLLOWERS} == following
    assert not imported & following


def test_a_follower_that_fails_leaves_nothing_of_the_move(
    newsroom: Newsroom, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment = newsroom.post().comment
    seen: list[str] = []

    def fails(_conn: Connection, moves: Sequence[Move], _now: datetime) -> None:
        seen.extend(move.comment.id for move in moves)
        raise ZeroDivisionError

    monkeypatch.setattr(door, "FOLLOWERS", (*followers.FOLLOWERS, fails))
    with pytest.raises(ZeroDivisionError):
        settle(database, [judge(database, comment.id)], now=NOON)

    assert seen == [comment.id]
    with database.read() as conn:
        tables = (decisions, scorings, events)
        assert [conn.execute(sa.select(sa.func.count()).select_from(t)).scalar() for t in tables] == [0, 0, 0]
        assert conn.execute(sa.select(comments.c.status, comments.c.version)).one() == ("waiting", 1)
        assert conn.execute(sa.select(authors.c.published)).scalar() == 0


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
