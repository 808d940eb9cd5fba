"""The replies of one thread, and a link to one comment."""

from __future__ import annotations

import pytest

from tests.service.api.pages.conftest import Reading
from tests.service.conftest import Caller


@pytest.fixture(autouse=True)
def thread(reading: Reading) -> None:
    """Twenty replies, each to the one before."""
    reading.publish("c-1", author={"id": "dana", "name": "Dana"})
    for number in range(20):
        parent = f"r-{number - 1}" if number else "c-1"
        reading.publish(f"r-{number}", parent, author={"id": "eli", "name": "Eli"})


def replies(reading: Reading, query: str = "", id: str = "c-1") -> dict[str, object]:
    answer = reading.get(f"articles/a-1/comments/{id}/replies?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json
    return found


def test_replies_of_a_page_go_on_where_it_ended(reading: Reading) -> None:
    (root,) = reading.page("replies=3")["comments"]

    first = replies(reading, f"after={root['more_replies']}&limit=10")
    rest = replies(reading, f"after={first['next']}&limit=10")

    shown = [*root["first_replies"], *first["replies"], *rest["replies"]]  # type: ignore[misc]
    assert [reply["id"] for reply in shown] == [f"r-{number}" for number in range(20)]
    assert [reply["parent_name"] for reply in shown] == ["Dana", *["Eli"] * 19]
    assert rest["next"] is None


def test_replies_of_a_page_without_any_begin_at_the_first(reading: Reading) -> None:
    (root,) = reading.page("replies=0")["comments"]

    found = replies(reading, f"after={root['more_replies']}&limit=1")

    assert root["first_replies"] == []
    assert found["replies"][0]["id"] == "r-0"  # type: ignore[index]


def test_a_reply_names_its_thread_too(reading: Reading) -> None:
    assert replies(reading, id="r-7") == replies(reading)


def test_a_link_to_a_comment_shows_it_among_its_neighbours(reading: Reading) -> None:
    page = reading.get("articles/a-1/comments/r-9").json

    (root,) = page["comments"]
    assert (root["id"], root["replies"], root["skipped"]) == ("c-1", 20, 4)
    assert [reply["id"] for reply in root["first_replies"]] == [f"r-{number}" for number in range(4, 15)]
    after = replies(reading, f"after={root['more_replies']}&limit=1")["replies"]
    assert after[0]["id"] == "r-15"  # type: ignore[index]


@pytest.mark.parametrize(("id", "first", "last", "skipped"), [("c-1", 0, 5, 0), ("r-0", 0, 5, 0), ("r-19", 14, 19, 14)])
def test_a_link_to_either_end_of_a_thread(reading: Reading, id: str, first: int, last: int, skipped: int) -> None:
    (root,) = reading.get(f"articles/a-1/comments/{id}").json["comments"]

    shown = [reply["id"] for reply in root["first_replies"]]
    assert (shown[0], shown[-1], root["skipped"]) == (f"r-{first}", f"r-{last}", skipped)
    assert (root["more_replies"] is None) is (last == 19)


def test_what_readers_do_not_see_is_not_found(reading: Reading, api: Caller) -> None:
    api.put("/v1/articles/a-2", {"title": "Another"})
    reading.wait("c-2")
    for path in ("a-1/comments/c-2", "a-1/comments/none", "a-2/comments/c-1", "none/comments/c-1"):
        for suffix in ("", "/replies"):
            answer = reading.get(f"articles/{path}{suffix}")

            assert (answer.status_code, answer.json["type"][-9:]) == (404, "not-found")


def test_a_cursor_that_is_none_is_named(reading: Reading) -> None:
    answer = reading.get("articles/a-1/comments/c-1/replies?after=yesterday")

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "after")
