"""Publishing waits for a second reader only where the site says so, and never longer than it says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.pipeline.second_opinions.reading import give_up_late
from moderation.pipeline.settling.judgements import settle
from moderation.sites.second_readers.values import ReaderState
from moderation.spine.second_readings import rows as store
from moderation.spine.second_readings.values import ReaderAnswer
from tests.moderation.pipeline.second_opinions.conftest import AWAY, BREAKS, FINE, Room
from tests.moderation.spine.comments.test_door import judge

HELD, ONLINE = 0.95, 0.1


@pytest.fixture
def waiting(room: Room) -> Room:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0, second_reader_wait_s=5)
    return room


def score_again(room: Room, comment_id: str) -> None:
    settle(room.database, [judge(room.database, comment_id, toxicity=ONLINE)], now=room.at)


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ({"second_reader_share": 1.0, "second_reader_wait_s": 0}, ReaderState.ON),
        ({"second_reader_share": 0.0, "second_reader_wait_s": 5}, ReaderState.ON),
        ({"second_reader_share": 1.0, "second_reader_wait_s": 5}, ReaderState.SHADOW),
        ({"second_reader_share": 1.0, "second_reader_wait_s": 5}, ReaderState.OFF),
    ],
)
def test_otherwise_it_does_not_wait(room: Room, settings: dict[str, float], state: ReaderState) -> None:
    room.state(state)
    room.settings(**settings)

    assert room.status(room.comment("online", ONLINE)) is CommentStatus.PUBLISHED


def test_what_the_policy_holds_never_waits(waiting: Room) -> None:
    assert waiting.status(waiting.comment("held", HELD)) is CommentStatus.FLAGGED


def test_it_waits_once_and_is_published_when_nothing_was_found(waiting: Room) -> None:
    online = waiting.comment("online", ONLINE)
    assert waiting.status(online) is CommentStatus.WAITING
    score_again(waiting, online)
    assert waiting.status(online) is CommentStatus.WAITING
    waiting.says(FINE)

    assert waiting.read() == 1
    assert waiting.status(online) is CommentStatus.WAITING  # the reader publishes nothing
    score_again(waiting, online)

    (decision,) = waiting.decisions(online)
    assert (decision.decided_by, decision.status_after) == (DecidedBy.POLICY, CommentStatus.PUBLISHED)
    assert waiting.read() == 0


def test_what_was_found_goes_to_a_person_before_readers_see_it(waiting: Room) -> None:
    waiting.says(BREAKS)
    online = waiting.comment("online", ONLINE)
    waiting.read()
    score_again(waiting, online)

    (decision,) = waiting.decisions(online)
    assert decision.status_after is CommentStatus.FLAGGED
    assert (decision.reasons[0]["code"], decision.reasons[0]["detail"]) == ("second_reader", "1. No insults")


def test_a_reader_that_was_put_into_the_shadow_meanwhile_holds_nothing(waiting: Room) -> None:
    waiting.says(BREAKS)
    online = waiting.comment("online", ONLINE)
    waiting.state(ReaderState.SHADOW)
    waiting.read()
    score_again(waiting, online)

    assert waiting.status(online) is CommentStatus.PUBLISHED


@pytest.mark.parametrize("reply", [AWAY, ReaderAnswer(missing="unparsable")])
def test_without_an_answer_it_is_published_in_time(waiting: Room, reply: ReaderAnswer) -> None:
    waiting.says(reply)
    online = waiting.comment("online", ONLINE)
    waiting.read()
    waiting.later(seconds=5)
    score_again(waiting, online)

    assert waiting.status(online) is CommentStatus.PUBLISHED


def test_a_hang_is_given_up_and_its_answer_comes_too_late(waiting: Room) -> None:
    online = waiting.comment("online", ONLINE)
    waiting.later(seconds=4, milliseconds=999)
    with waiting.database.read() as conn:
        assert store.late(conn, now=waiting.at, limit=10) == []
        (due,) = store.due(conn, waiting.site.id, now=waiting.at, limit=10)

    def hangs(_reading: object):  # type: ignore[no-untyped-def]
        waiting.later(milliseconds=1)
        with waiting.database.read() as conn:
            (late,) = store.late(conn, now=waiting.at, limit=10)
        assert give_up_late(waiting.database, late, now=waiting.at)
        assert not give_up_late(waiting.database, late, now=waiting.at)
        score_again(waiting, online)
        from moderation.pipeline.second_opinions.replies import ReaderReply

        return ReaderReply(BREAKS)

    waiting.replies = hangs
    waiting.turn().read(due)

    assert waiting.status(online) is CommentStatus.PUBLISHED
    assert waiting.readings()[0].missing == "waited"
    assert waiting.at - due.next_at == timedelta(seconds=5)
