"""A real model, whose judgement is worth nothing: whatever it says, it holds and proposes at most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.ground.values.verdicts import ReasonCode
from moderation.pipeline.second_opinions import models, switching
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers.values import ReaderState
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import newsroom, site
from tests.moderation.pipeline.second_opinions.conftest import WISH, Room, room
from tests.workers.second_reader.conftest import MODEL, SmallModelProcess
from workers.queue.second_reading import ReadingCourier

__all__ = ["newsroom", "room", "site"]  # fixtures
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HELD, ONLINE = 0.95, 0.1
ANSWERS_S = 120.0  # on a machine that does much else


def connected(room: Room, small_model: SmallModelProcess, contract: str) -> None:
    """In place of the room's reader, and on."""
    wish = replace(WISH, name="Small", contract=contract, base_url=small_model.url, model=MODEL, masked=True)
    switching.move(room.database, room.site.id, room.reader.id, ReaderState.OFF, by=OPERATOR, now=NOON)
    room.reader = connecting.connect(
        room.database, room.site.id, wish, contracts=(contract,), private_addresses=True, by=OPERATOR, now=NOON
    )
    room.state(ReaderState.ON)


@pytest.mark.parametrize(("contract", "share"), [("chat", 0.0), ("shieldstral", 1.0)])  # a chat's answer takes long
def test_whatever_a_real_model_says_it_never_publishes_or_rejects(
    room: Room, queues: Queues, small_model: SmallModelProcess, contract: str, share: float
) -> None:
    connected(room, small_model, contract)
    room.settings(second_reader_share=share)
    held = room.comment("held", HELD, "You pathetic little man, go home.")
    online = room.comment("online", ONLINE, "Thank you for this article about the trams.")
    asks = models.asks(private_addresses=True, timeout_s=ANSWERS_S)

    ReadingCourier(room.database, queues, asks, turn_s=ANSWERS_S, now=room.now).deliver(room.site.id)

    read = room.readings()
    assert [(row.model, row.calls, row.host) for row in read] == [(MODEL, 1, room.reader.host)] * (1 + bool(share))
    assert all(row.state == "read" or str(row.missing).startswith(("unclear", "unparsable", "cut")) for row in read)
    assert all(row.tokens_in > 50 and row.bytes_out > 300 for row in read)
    assert room.status(held) is CommentStatus.FLAGGED and len(room.decisions(held)) == 1
    assert room.status(online) in (CommentStatus.PUBLISHED, CommentStatus.FLAGGED)
    later = [decision for decision in room.decisions(online) if decision.decided_by is not DecidedBy.POLICY]
    assert [(decision.decided_by, decision.reasons[0]["code"]) for decision in later] == [
        (DecidedBy.SYSTEM, ReasonCode.SECOND_READER)
    ] * bool(read[-1].breaks and share)
    assert (room.status(online) is CommentStatus.FLAGGED) is bool(later)


def test_a_model_that_hangs_leaves_its_comments_to_people(
    room: Room, queues: Queues, small_model: SmallModelProcess
) -> None:
    connected(room, small_model, "cope")
    held = [room.comment(f"c-{number}", HELD, f"text {number}") for number in range(5)]
    courier = ReadingCourier(
        room.database, queues, models.asks(private_addresses=True, timeout_s=0.3), turn_s=60, now=room.now
    )

    with small_model.hanging():
        assert courier.deliver(room.site.id).taken == 3  # then it rests

    assert {room.status(id) for id in held} == {CommentStatus.FLAGGED}
    assert {row.state for row in room.readings()} == {"waiting"}
