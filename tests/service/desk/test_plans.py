"""What the desk asks of the database must walk an index, however many comments there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.store.database import Database
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import Cast

LARGE = ("comments", "decisions", "scorings", "events", "authors", "articles")
PATHS = (
    "/desk/review", "/desk/review?order=newest", "/desk/review?order=oldest", "/desk/review?order=toxicity",
    "/desk/review?order=relevance", "/desk/review?order=lightest", "/desk/review?signal=toxicity",
    "/desk/review?escalated=1", "/desk/history", "/desk/history?mine=1", "/desk/search?q=crane",
    "/desk/audit",
)  # fmt: skip


class Asked:
    """Every SELECT that goes over the engine, with its parameters."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.statements: list[tuple[str, Any]] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            if statement.lstrip().upper().startswith("SELECT"):
                self.statements.append((statement, parameters))

        sa.event.listen(self.database.engine, "before_cursor_execute", note)
        yield
        sa.event.remove(self.database.engine, "before_cursor_execute", note)

    def scans(self) -> list[str]:
        """Steps that walk a large table, or sort what an index should have given in order."""
        with self.database.read() as conn:
            return [
                f"{step} in {' '.join(statement.split())[:300]}"
                for statement, parameters in self.statements
                for step in _steps(conn, statement, parameters)
                if re.search(rf"SCAN ({'|'.join(LARGE)})\b", step)
            ]


def _steps(conn: Connection, statement: str, parameters: Any) -> list[str]:
    return [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", PATHS)
def test_no_page_walks_a_table(cast: Cast, ben: Browser, path: str) -> None:
    for number in range(3):
        cast.flagged(f"The crane {number}.", scores={"toxicity": 0.9})
    asked = Asked(cast.database)

    with asked.listening():
        assert ben.get(path).status == 200

    assert len(asked.statements) > 3
    assert asked.scans() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_decision_and_an_undo_walk_no_table(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    cast.flagged()
    asked = Asked(cast.database)

    with asked.listening():
        data = {"choice": "reject", "version": "2", "view": ""}
        ana.client.post(f"/desk/comments/{comment.id}/decisions", data=data, headers=SAME_ORIGIN)
        ana.get("/desk/review").press("Undo")

    assert asked.scans() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("order", "index"),
    [
        ("priority", "ix_comments_queue"), ("newest", "ix_comments_queue_age"), ("oldest", "ix_comments_queue_age"),
        ("toxicity", "ix_comments_queue_toxicity"), ("relevance", "ix_comments_queue_relevance"),
    ],
)  # fmt: skip
def test_each_order_of_the_queue_comes_from_its_index_unsorted(
    cast: Cast, ana: Browser, order: str, index: str
) -> None:
    cast.flagged()
    asked = Asked(cast.database)

    with asked.listening():
        ana.get("/desk/review", order=order)

    lines = [(s, p) for s, p in asked.statements if "claimant_id" in s]
    assert lines
    with cast.database.read() as conn:
        steps = [step for statement, parameters in lines for step in _steps(conn, statement, parameters)]
    assert any(re.search(rf"USING (COVERING )?INDEX {index} ", step) for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)


def test_no_page_counts_rows_off() -> None:
    store = Path(__file__).resolve().parents[3] / "moderation" / "store"

    assert not [path for path in store.rglob("*.py") if ".offset(" in path.read_text(encoding="utf-8").lower()]
