"""How many statements a page of the queue and a decision ask of the database: each costs time, most of all on
PostgreSQL, and none may come again for every line, watched article or site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from moderation.ground.values.comments import Comment
from moderation.moderators.queue import watching
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import Cast

MOST_OF_A_PAGE = 32  # while nothing is remembered
MOST_OF_A_PAGE_AGAIN = 29  # while counts are remembered
MOST_OF_A_DECISION = 52  # with its reason, the next comment, statement, appeals, notices, duties, second readers, page


@pytest.fixture
def ben(browser: Callable[[], Browser]) -> Browser:
    """By the form, so that he has seen a page."""
    return browser().log_in("Ben")


@pytest.fixture
def waiting(cast: Cast) -> list[Comment]:
    """Comments on six articles."""
    return [cast.flagged(f"The crane {n}.", article_id=f"a-{n % 6}") for n in range(12)]


def watch(cast: Cast, ben: Browser, comments: list[Comment]) -> None:
    for comment in comments:
        watching.watch(cast.database, cast.moderator("Ben"), comment.article_id, now=cast.now)
        ben.client.post("/desk/views", data={"name": comment.id[-12:], "view": "hours=1"}, headers=SAME_ORIGIN)


@contextmanager
def listening(cast: Cast) -> Iterator[list[str]]:
    """Every statement but the BEGIN that only SQLite is sent."""
    heard: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            heard.append(statement)

    sa.event.listen(cast.database.engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        sa.event.remove(cast.database.engine, "before_cursor_execute", note)


def asked_by(cast: Cast, ben: Browser, path: str) -> int:
    with listening(cast) as heard:
        assert ben.get(path).status == 200
    return len(heard)


def reject(ben: Browser, comment: Comment) -> TestResponse:
    form = {"choice": "reject:Off topic", "version": "2", "view": ""}
    headers = {**SAME_ORIGIN, "HX-Request": "true"}
    return ben.client.post(f"/desk/comments/{comment.id}/decisions", data=form, headers=headers)


def test_a_page_of_the_queue_asks_few_statements(cast: Cast, ben: Browser, waiting: list[Comment]) -> None:
    watch(cast, ben, waiting[:1])
    path = f"/desk/review/{waiting[0].id}"

    first, again = asked_by(cast, ben, path), asked_by(cast, ben, path)

    assert 10 < first <= MOST_OF_A_PAGE
    assert 10 < again <= MOST_OF_A_PAGE_AGAIN


@ON_BOTH
def test_each_further_article_and_view_asks_none(cast: Cast, ben: Browser, waiting: list[Comment]) -> None:
    path = f"/desk/review/{waiting[0].id}"
    watch(cast, ben, waiting[:1])
    asked_by(cast, ben, path)
    one = asked_by(cast, ben, path)

    watch(cast, ben, waiting[1:6])
    asked_by(cast, ben, path)

    assert asked_by(cast, ben, path) == one


def test_a_decision_with_the_next_comment_asks_few_statements(cast: Cast, ben: Browser, waiting: list[Comment]) -> None:
    watch(cast, ben, waiting[:6])
    first, second = waiting[:2]
    reject(ben, first)  # the first rejection of a site makes the secret of its links
    ben.get(f"/desk/review/{second.id}")

    with listening(cast) as heard:
        answer = reject(ben, second)

    assert answer.status_code == 200
    assert any(statement.startswith("INSERT INTO decisions") for statement in heard)
    assert len(heard) <= MOST_OF_A_DECISION
