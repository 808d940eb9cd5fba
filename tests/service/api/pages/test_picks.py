"""The editor's picks of an article as a list."""

from __future__ import annotations

import pytest

from moderation.moderators.review import featuring
from moderation.moderators.review.featuring import Pick
from moderation.sites import rows as sites
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator
from moderation.spine.comments import rows as comments
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.api.pages.conftest import ORIGIN, Reading


@pytest.fixture
def ana(reading: Reading) -> Moderator:
    roles, said = {reading.site_id: Role.MODERATOR}, {"email": "ana@example.org", "name": "Ana", "password_hash": "x"}
    id = moderators.create_moderator(reading.database, **said, roles=roles, by=OPERATOR, now=utc_now())
    with reading.database.read() as conn:
        moderator = sites.find_moderator(conn, id=id)
    assert moderator is not None
    return moderator


def pick(reading: Reading, ana: Moderator, id: str, *, featured: bool = True) -> None:
    with reading.database.read() as conn:
        comment = comments.get_comment(conn, reading.site_id, id)
    wish = Pick(comment.id, comment.version, featured)
    featuring.pick(reading.database, ana, wish, now=utc_now(), hold_s=0)


def picks(reading: Reading, article: str = "a-1") -> list[str]:
    return [picked["id"] for picked in reading.get(f"articles/{article}/picks").json["picks"]]


@ON_BOTH
def test_picks_are_listed_wherever_they_are_the_newest_first(reading: Reading, ana: Moderator) -> None:
    reading.publish("c-0")
    for number in range(3):
        reading.publish(f"r-{number}", "c-0", text=f"Answer {number}.")
    reading.publish("d-0", article={"id": "a-2"})
    for id in ("c-0", "r-1", "r-2", "d-0"):
        pick(reading, ana, id)
    pick(reading, ana, "r-2", featured=False)

    listed = reading.get("articles/a-1/picks", headers={"Origin": ORIGIN})

    first = listed.json["picks"][0]
    assert (first["id"], first["text"], first["parent_id"]) == ("r-1", "Answer 1.", "c-0")
    assert picks(reading) == ["r-1", "c-0"]
    assert listed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert picks(reading, "a-2") == ["d-0"] and picks(reading, "unknown") == []


def test_a_pick_that_is_taken_down_is_none_and_the_tag_says_so(reading: Reading, ana: Moderator) -> None:
    reading.publish("c-0")
    pick(reading, ana, "c-0")
    tag = {"If-None-Match": reading.get("articles/a-1/picks").headers["ETag"]}
    same = reading.get("articles/a-1/picks", headers=tag)

    reading.api.post("/v1/comments/c-0/decisions", {"action": "reject", "version": 3})

    assert same.status_code == 304
    assert reading.get("articles/a-1/picks", headers=tag).json["picks"] == []
