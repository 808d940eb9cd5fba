"""Every statement of a page comes off an index in its order, on both databases, however long the discussion is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from moderation.ground.database.engine import Database
from tests.own_databases import ON_BOTH
from tests.service.api.pages.conftest import Reading
from tests.statements import Asked, steps, steps_in_postgres

pytestmark = ON_BOTH

PAGE = "articles/a-1?limit=2"
INDEXES = {
    PAGE: "ix_shown_comments_time",
    f"{PAGE}&order=oldest": "ix_shown_comments_time",
    f"{PAGE}&order=most_replied": "ix_shown_comments_replied",
    "articles/a-1/comments/c-0/replies?limit=2": "ix_shown_comments_thread",
    "articles/a-1/comments/r-1": "ix_shown_comments_thread",
    "newest?limit=2": "ix_shown_comments_site",
    "articles/a-1/picks": "ix_comments_article_featured",
    "articles/a-1/shown?id=c-0&id=r-1": r"(sqlite_autoindex_comments_2|\w*comments_site_id_external_id\w*)",
}


@pytest.fixture(autouse=True)
def some(reading: Reading) -> None:
    for number in range(4):
        reading.publish(f"c-{number}")
        reading.publish(f"r-{number}", "c-0")


def plans(database: Database, asked: Asked) -> list[list[str]]:
    if database.is_sqlite:
        return [steps(statement, parameters) for statement, parameters in asked.statements]
    return [steps_in_postgres(database, statement, parameters) for statement, parameters in asked.statements]


@pytest.mark.parametrize(("path", "index"), INDEXES.items())
@pytest.mark.parametrize("page", ["first", "later"])
def test_a_page_comes_off_its_index(reading: Reading, database: Database, path: str, index: str, page: str) -> None:
    if page == "later" and (following := reading.get(path).json.get("next")):
        path += f"&after={following}"
    asked = Asked(database)
    with asked.listening():
        assert reading.get(path).status_code == 200

    found = plans(database, asked)

    assert any(re.search(rf"\b{index}\b", step) for each in found for step in each), found
    read: list[Any] = [step for each in found for step in each if "shown_" in step or "comments" in step]
    assert not [step for step in read if re.search(r"\bSCAN (shown_|comments)|Seq Scan", step)]
    walks = [each for each in found if any(re.search(rf"\b{index}\b", step) for step in each)]
    assert not [
        step for each in walks for step in each if "TEMP B-TREE" in step or step.lstrip(" ->").startswith("Sort")
    ]


@pytest.mark.parametrize("order", ["newest", "oldest", "most_replied"])
def test_a_page_takes_three_statements_however_many_threads_it_has(
    reading: Reading, database: Database, order: str
) -> None:
    asked = Asked(database)
    with asked.listening():
        page = reading.page(f"order={order}&limit=4&replies=2")

    assert [len(comment["first_replies"]) for comment in page["comments"]].count(2) == 1
    read = [re.findall(r"FROM (\w+)", statement)[0] for statement, _ in asked.statements]
    assert [table for table in read if table not in ("sites", "modes", "house_rules")] == [
        "articles",
        "shown_comments",
        "comments",
    ]
