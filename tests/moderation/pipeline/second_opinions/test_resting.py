"""A reader that does not answer is left alone for a while, by all processes, and nobody waits for it meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.ground.values.statuses import Action, CommentStatus
from moderation.pipeline.second_opinions import replaying, resting
from moderation.pipeline.second_opinions.replies import ReaderReply
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import ReaderState, SecondReader
from moderation.spine.second_readings.values import Purpose, ReaderAnswer
from tests.builders import NOON, OPERATOR
from tests.moderation.pipeline.second_opinions.conftest import AWAY, FINE, Room

HELD, ONLINE = 0.95, 0.1
BUSY = ReaderReply(
    ReaderAnswer(missing="busy", calls=1), may_pass=True, has_failed=True, asked_rest=timedelta(minutes=20)
)


def held(room: Room, count: int, begin: int = 0) -> None:
    for number in range(begin, begin + count):
        room.comment(f"c-{number}", HELD, f"text {number}")


def reader_now(room: Room) -> SecondReader:
    with room.database.read() as conn:
        return readers.get(conn, room.site.id, room.reader.id)


@pytest.mark.parametrize(
    ("failures", "asked_s", "rest_s"),
    [
        (1, None, 0),
        (2, None, 0),
        (3, None, 15),
        (4, None, 30),
        (8, None, 480),
        (9, None, 600),
        (99, None, 600),
        (1, 20, 20),
        (3, 5, 15),
        (9, 1_000, 1_000),
        (1, 999_999, 3_600),
    ],
)
def test_a_rest_doubles_within_a_bound_or_is_as_long_as_the_reader_asks(
    failures: int, asked_s: int | None, rest_s: int
) -> None:
    asked = None if asked_s is None else timedelta(seconds=asked_s)

    assert resting.length(failures, asked) == timedelta(seconds=rest_s)


@pytest.mark.parametrize(
    ("status", "said", "seconds"),
    [
        (429, "120", 120),
        (503, " 7 ", 7),
        (429, "9" * 40, 3_600),
        (429, "Sat, 01 Jun 2024 12:05:00 GMT", 300),
        (429, "Sat, 01 Jun 2024 11:00:00 GMT", 0),
        (429, "Sat, 01 Jun 2024 12:05:00", None),
        (429, "-5", None),
        (429, "soon", None),
        (429, "", None),
        (500, "120", None),
    ],
)
def test_it_is_asked_for_in_seconds_or_as_a_date(status: int, said: str, seconds: int | None) -> None:
    now = NOON.replace(year=2024, month=6, day=1, hour=12, minute=0, second=0, microsecond=0)

    asked = resting.asked_rest(status, {"retry-after": said}, now)

    assert asked == (None if seconds is None else timedelta(seconds=seconds))


def test_after_three_failures_nobody_is_asked_until_one_call_is_answered(room: Room) -> None:
    held(room, 9)
    room.says(AWAY)

    assert [room.read(), room.read()] == [3, 0]
    assert reader_now(room).rests_until == room.at + resting.FIRST
    room.later(seconds=15)
    assert room.read() == 1  # goes out alone
    assert (reader_now(room).failures, room.read()) == (4, 0)
    room.later(seconds=30)
    room.says(FINE)
    assert room.read() == 9
    assert (reader_now(room).failures, reader_now(room).rests_until) == (0, None)
    assert {row.state for row in room.readings()} == {"read"}


def test_what_comes_while_it_rests_waits_without_a_try_of_its_own(room: Room) -> None:
    held(room, 3)
    room.says(AWAY)
    room.read()
    held(room, 1, begin=3)

    assert room.read() == 0
    fourth = room.readings()[3]
    assert (fourth.state, fourth.attempts, fourth.next_at) == ("waiting", 0, room.at + resting.FIRST)


def test_a_busy_one_is_left_alone_as_long_as_it_asks(room: Room) -> None:
    held(room, 3)
    room.says(BUSY)

    assert room.read() == 1
    room.later(minutes=19)
    assert room.read() == 0
    room.later(minutes=1)
    room.says(FINE)
    assert room.read() == 3


def test_a_comment_waits_an_hour_at_most_and_a_replay_as_long_as_it_takes(room: Room) -> None:
    held(room, 5)
    for number in range(5):
        room.decide(f"c-{number}", Action.PUBLISH)
    room.says(BUSY)
    replaying.start(
        room.database, room.site.id, room.reader.id, purpose=Purpose.REPLAY, most=5, by=OPERATOR, now=room.at
    )
    room.read()
    room.later(minutes=61)
    room.read()

    read = [(row.purpose, row.state, row.missing) for row in room.readings()]
    assert read.count(("held", "missing", "resting")) == 4
    assert read.count(("replay", "waiting", None)) == 5


def test_a_try_says_at_once_that_it_rests(room: Room) -> None:
    held(room, 8)
    room.says(AWAY)
    room.read()
    replaying.start(room.database, room.site.id, room.reader.id, purpose=Purpose.TRY, most=5, by=OPERATOR, now=room.at)

    assert room.read() == 0
    assert [row.missing for row in room.readings() if row.purpose == "try"] == ["resting"] * 5


def test_publishing_waits_for_no_reader_that_rests(room: Room) -> None:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0, second_reader_wait_s=5)
    held(room, 3)
    room.says(AWAY)
    waiting = room.comment("waits", ONLINE)
    assert room.status(waiting) is CommentStatus.WAITING

    room.read()
    online = room.comment("online", ONLINE, "fresh words")

    assert room.status(online) is CommentStatus.PUBLISHED
    assert [row.missing for row in room.readings() if row.decide_by is None and row.missing] == ["resting"]


def test_an_answer_that_is_known_needs_no_call(room: Room) -> None:
    held(room, 1)
    room.read()
    room.says(AWAY)
    held(room, 3, begin=1)
    room.read()
    room.comment("again", HELD, "text 0")

    assert room.read() == 0
    assert room.readings()[-1].is_cached
