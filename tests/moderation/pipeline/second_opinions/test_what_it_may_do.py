"""A second reader may hold, propose and order. By no answer does it publish, reject or tell readers anything."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from moderation.ground.errors import MoveNotAllowed
from moderation.ground.values.comments import Lane
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.pipeline.arriving import intake
from moderation.pipeline.second_opinions.replies import ReaderReply
from moderation.pipeline.second_opinions.vetoing import REASON
from moderation.sites.second_readers.values import ReaderState
from moderation.spine.comments.door import let_through, record
from moderation.spine.comments.moves import Move
from moderation.spine.comments.tables import comments
from moderation.spine.second_readings.values import Purpose, ReaderAnswer
from tests.builders import NOON
from tests.moderation.pipeline.second_opinions.conftest import BREAKS, FINE, Room

HELD, ONLINE = 0.95, 0.1


def test_held_comments_are_read_and_others_only_if_the_site_wishes(room: Room) -> None:
    held = room.comment("held", HELD)
    room.comment("online", ONLINE)

    assert room.read() == 1

    assert [(row.comment_id, row.purpose, row.state) for row in room.readings()] == [(held, "held", "read")]


@pytest.mark.parametrize("answer", [FINE, BREAKS, ReaderAnswer(missing="cut")])
@pytest.mark.parametrize("state", [ReaderState.SHADOW, ReaderState.ON])
def test_no_answer_moves_a_held_comment(room: Room, answer: ReaderAnswer, state: ReaderState) -> None:
    room.state(state)
    room.says(answer)
    held = room.comment("held", HELD)
    before = room.found(held)

    room.read()

    assert room.found(held) == before
    assert len(room.decisions(held)) == 1


def test_one_that_always_says_fine_publishes_nothing(room: Room) -> None:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0)
    ids = [room.comment(f"c-{number}", HELD if number % 2 else ONLINE, f"text {number}") for number in range(10)]
    before = [room.found(id) for id in ids]

    assert room.read() == 10

    assert [room.found(id) for id in ids] == before


def test_one_that_always_says_breaks_only_holds(room: Room) -> None:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0)
    room.says(BREAKS)
    ids = [room.comment(f"c-{number}", HELD if number % 2 else ONLINE, f"text {number}") for number in range(10)]

    room.read()
    room.read()

    assert {room.status(id) for id in ids} == {CommentStatus.FLAGGED}
    assert [len(room.decisions(id)) for id in ids] == [2, 1] * 5  # what was online went to a person, once


def test_what_it_holds_says_by_which_rule_and_words(room: Room) -> None:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0)
    room.says(BREAKS)
    online = room.comment("online", ONLINE)

    room.read()

    newest = room.decisions(online)[0]
    assert (newest.decided_by, newest.status_before, newest.status_after) == (
        DecidedBy.SYSTEM,
        CommentStatus.PUBLISHED,
        CommentStatus.FLAGGED,
    )
    (reason,) = newest.reasons
    assert (reason["code"], reason["detail"]) == ("second_reader", "1. No insults")
    assert [(span["start"], span["end"]) for span in reason["evidence"]] == [(4, 23)]


def test_in_the_shadow_nothing_follows(room: Room) -> None:
    room.settings(second_reader_share=1.0)
    room.says(BREAKS)
    online, held = room.comment("online", ONLINE), room.comment("held", HELD)
    before = room.found(online), room.found(held)

    room.read()

    assert (room.found(online), room.found(held)) == before
    assert [row.counted for row in room.readings()] == [False, False]


def test_what_a_person_has_decided_meanwhile_stays(room: Room) -> None:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0)
    room.says(BREAKS)
    online = room.comment("online", ONLINE)
    room.decide("online", Action.REJECT, "Other")
    room.decide("online", Action.PUBLISH)

    room.read()

    assert room.status(online) is CommentStatus.PUBLISHED


def test_what_it_finds_to_break_a_rule_comes_sooner(room: Room) -> None:
    room.state(ReaderState.ON)
    first, second = room.comment("first", HELD, "calm words"), room.comment("second", HELD, "angry words")
    room.replies = lambda reading: ReaderReply(BREAKS if "angry" in reading.text else FINE)

    room.read()

    with room.database.read() as conn:
        rows = conn.execute(sa.select(comments.c.id, comments.c.priority))
        places = {row.id: row.priority for row in rows}
    assert places[second] == pytest.approx(places[first] + 0.5)


@pytest.mark.parametrize("to", [CommentStatus.PUBLISHED, CommentStatus.REJECTED])
@pytest.mark.parametrize("by", [DecidedBy.SYSTEM, DecidedBy.POLICY])
def test_the_door_makes_no_other_move_in_its_name(room: Room, to: CommentStatus, by: DecidedBy) -> None:
    other = Reason(ReasonCode.DEFAULT, Action.PUBLISH)
    for id in (room.comment("held", HELD), room.comment("online", ONLINE)):
        comment = room.found(id)
        if comment.status is to:
            continue
        move = Move(comment, to, NOON, by, (other, REASON))
        with pytest.raises(MoveNotAllowed), room.database.write() as conn:
            record(conn, move, now=NOON)
        assert room.found(id) == comment


@pytest.mark.parametrize("to", [CommentStatus.PUBLISHED, CommentStatus.REJECTED])
def test_a_waiting_comment_goes_to_a_person_instead(room: Room, to: CommentStatus) -> None:
    comment = room.newsroom.post("one that waits", id="waits").comment
    move = Move(comment, to, NOON, DecidedBy.POLICY, (REASON,))

    with room.database.write() as conn:
        (made,) = let_through(conn, [move], now=NOON).moves

    assert (made.to, made.reasons[0].code) == (CommentStatus.FLAGGED, ReasonCode.SECOND_READER)


def test_what_was_rejected_it_does_not_bring_back(room: Room) -> None:
    held = room.comment("held", HELD)
    room.decide("held", Action.REJECT, "Other")
    rejected = room.found(held)

    with room.database.write() as conn:
        passed = let_through(conn, [Move(rejected, CommentStatus.FLAGGED, NOON, DecidedBy.SYSTEM, (REASON,))], now=NOON)

    assert not passed.moves
    assert room.found(held) == rejected


@pytest.mark.parametrize(
    ("toxicity", "band", "purposes"),
    [(0.5, 0.0, []), (0.5, 0.05, []), (0.5, 0.5, ["band"]), (0.1, 0.05, [])],
)
def test_the_band_below_a_limit_is_read(room: Room, toxicity: float, band: float, purposes: list[str]) -> None:
    room.settings(second_reader_band=band)
    room.comment("near", toxicity)

    assert [row.purpose for row in room.readings()] == purposes


def test_an_edit_is_read_anew(room: Room) -> None:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0)
    room.says(BREAKS)
    online = room.comment("online", ONLINE)
    intake.edit(room.database, room.newsroom.queues, room.site.id, "online", "calm words", lane=Lane.LIVE, now=NOON)

    room.read()

    assert room.status(online) is CommentStatus.WAITING  # what was said of the earlier text holds nothing
    assert Purpose(room.readings()[0].purpose) is Purpose.RANDOM
