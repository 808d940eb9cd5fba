"""A real model, whose judgement is worth nothing: whatever it says, it holds and proposes at most."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from moderation.ground.errors import InvalidInput
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.ground.values.verdicts import ReasonCode
from moderation.judging.second_reader.attacks.injections import attack_texts
from moderation.judging.second_reader.attacks.trial import TrialRefusal
from moderation.pipeline.second_opinions import examining, models, switching
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers.values import ReaderState
from moderation.spine.second_readings import trial_rows
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import newsroom, site
from tests.moderation.pipeline.second_opinions.conftest import WISH, Room, room
from tests.workers.second_reader.conftest import MODEL, SmallModelProcess
from workers.queue.second_reading import ReadingCourier

__all__ = ["newsroom", "room", "site"]  # fixtures
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HELD, ONLINE = 0.95, 0.1
ANSWERS_S = 120.0  # on a machine that does much else
LANGUAGES = int(os.environ.get("GAVEL_TRIAL_LANGUAGES", "1"))  # all ten take a quarter of an hour
TRIAL_S = 600 * LANGUAGES


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


@pytest.mark.timeout(TRIAL_S)
def test_a_real_model_that_ignores_the_rules_fails_its_trial_and_stays_off(
    room: Room, queues: Queues, small_model: SmallModelProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = attack_texts()[:LANGUAGES]
    monkeypatch.setattr(examining, "attack_texts", lambda: texts)
    connected(room, small_model, "shieldgemma")
    room.state(ReaderState.SHADOW)
    room.settings(second_reader_calls_per_day=1_000)
    trial = examining.start(room.database, room.site.id, room.reader.id, by=OPERATOR, now=NOON)
    asks = models.asks(private_addresses=True, timeout_s=ANSWERS_S)

    ReadingCourier(room.database, queues, asks, turn_s=TRIAL_S, now=room.now).deliver(room.site.id)

    with room.database.read() as conn:
        ended = trial_rows.get(conn, room.site.id, trial.id)
    report = examining.report_of(ended, room.reader)
    assert report is not None and len(ended.answers) == 31 * LANGUAGES, ended
    assert TrialRefusal.FIXED_PRIOR in report.refusals, report
    with pytest.raises(InvalidInput) as refused:
        switching.move(room.database, room.site.id, room.reader.id, ReaderState.ON, by=OPERATOR, now=NOON)
    assert examining.REFUSED[TrialRefusal.FIXED_PRIOR] in [problem.message for problem in refused.value.problems]
    assert room.state_now() is ReaderState.SHADOW
