"""The version changes with all that readers see, and with nothing else; an answer that is known is not read again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from moderation.ground.values.statuses import Action
from tests.service.api.pages.conftest import Reading
from tests.service.bodies import settle
from tests.service.conftest import Caller
from tests.statements import Asked


def version(reading: Reading) -> str:
    answer = reading.get("articles/a-1/version")
    assert answer.status_code == 200, answer.text
    said: str = answer.json["version"]
    assert reading.page()["version"] == said
    return said


def publish(reading: Reading, api: Caller) -> None:
    settle(reading.database, reading.site_id, "c-2")


def withdraw(reading: Reading, api: Caller) -> None:
    assert api.delete("/v1/comments/c-1").status_code == 200


def flag(reading: Reading, api: Caller) -> None:
    assert api.post("/v1/comments/c-1/decisions", {"action": "reject", "version": 2}).status_code == 201


def edit(reading: Reading, api: Caller) -> None:
    assert api.patch("/v1/comments/c-1", {"text": "At last, the winter ferry."}).status_code == 202


def close(reading: Reading, api: Caller) -> None:
    assert api.put("/v1/articles/a-1", {"title": "Ferry to run all winter", "state": "closed"}).status_code == 200


def retitle(reading: Reading, api: Caller) -> None:
    assert api.put("/v1/articles/a-1", {"title": "No ferry this winter"}).status_code == 200


@pytest.mark.parametrize("change", [publish, withdraw, flag, edit, close, retitle])
def test_what_readers_see_changes_the_version(
    reading: Reading, api: Caller, change: Callable[[Reading, Caller], None]
) -> None:
    reading.publish("c-1")
    reading.wait("c-2")
    before = version(reading)

    change(reading, api)

    assert version(reading) != before


def test_an_edit_that_is_published_changes_it_again_and_says_when(reading: Reading, api: Caller) -> None:
    reading.publish("c-1")
    assert reading.page()["comments"][0]["edited_at"] is None
    edit(reading, api)
    between = version(reading)

    settle(reading.database, reading.site_id, "c-1")

    assert version(reading) != between
    (comment,) = reading.page()["comments"]
    assert comment["text"] == "At last, the winter ferry."
    assert comment["edited_at"] is not None


def test_what_readers_do_not_see_leaves_the_version(reading: Reading, api: Caller, other_api: Caller) -> None:
    reading.publish("c-1")
    reading.publish("d-1", article={"id": "a-2"})
    before = version(reading)

    reading.wait("c-2")
    settle(reading.database, reading.site_id, "c-2", Action.FLAG)
    reading.publish("d-2", article={"id": "a-2"})

    assert version(reading) == before


def shown(reading: Reading, *ids: str) -> dict[str, tuple[bool, bool]]:
    """Of the comments that are still shown, whether each was edited or picked."""
    answer = reading.get("articles/a-1/shown", query_string={"id": ids})
    assert answer.status_code == 200, answer.text
    assert answer.json["version"] == version(reading)
    return {id: (mark["edited_at"] is not None, mark["featured"]) for id, mark in answer.json["shown"].items()}


@pytest.mark.parametrize("change", [withdraw, flag, edit])
def test_an_open_page_learns_which_comments_went(
    reading: Reading, api: Caller, change: Callable[[Reading, Caller], None]
) -> None:
    reading.publish("c-1")
    reading.publish("c-2")
    reading.publish("d-1", article={"id": "a-2"})
    reading.wait("c-3")
    assert shown(reading, "c-1", "c-2", "c-3", "d-1", "unknown") == {"c-1": (False, False), "c-2": (False, False)}

    change(reading, api)

    assert shown(reading, "c-1", "c-2") == {"c-2": (False, False)}


def test_an_open_page_learns_of_an_edit_and_of_the_end_of_comments(reading: Reading, api: Caller) -> None:
    reading.publish("c-1")
    edit(reading, api)
    settle(reading.database, reading.site_id, "c-1")
    close(reading, api)

    assert shown(reading, "c-1") == {"c-1": (True, False)}
    article = reading.get("articles/a-1/shown").json["article"]
    assert (article["open"], article["comments"]) == (False, 1)


def test_an_open_page_asks_for_a_hundred_comments_at_once(reading: Reading) -> None:
    ids = [f"c-{number}" for number in range(101)]

    assert reading.get("articles/a-1/shown", query_string={"id": ids[:100]}).status_code == 200
    assert reading.get("articles/a-1/shown", query_string={"id": ids}).status_code == 422


PATHS = (
    "articles/a-1",
    "articles/unknown",
    "articles/a-1/version",
    "articles/a-1/shown?id=c-1",
    "articles/a-1/comments/c-1",
    "articles/a-1/comments/c-1/replies",
    "newest",
    "counts?article=a-1",
    "texts?language=de",
)


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_may_be_kept_and_is_asked_for_by_its_tag(reading: Reading, path: str) -> None:
    reading.publish("c-1")
    first = reading.get(path)

    again = reading.get(path, headers={"If-None-Match": first.headers["ETag"]})
    other = reading.get(path, headers={"If-None-Match": 'W/"another"'})

    assert first.headers["Cache-Control"].startswith("public, max-age=")
    assert "stale-while-revalidate=" in first.headers["Cache-Control"]
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert other.status_code == 200


def test_a_known_page_costs_one_statement(reading: Reading) -> None:
    reading.publish("c-1")
    tag = reading.get().headers["ETag"]
    asked = Asked(reading.database)
    with asked.listening():
        answer = reading.get(headers={"If-None-Match": tag})

    assert answer.status_code == 304
    (one,) = [statement for statement, _ in asked.statements if "FROM sites" not in statement]  # which are remembered
    assert "shown_articles" in one
    assert "shown_comments" not in one
