"""The trial of a second reader: asked one by one, paid for, taken up where it was left, and asked for again after a
change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from moderation.ground.errors import InvalidInput
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.second_reader.attacks import trial as judging
from moderation.judging.second_reader.attacks.injections import attack_texts
from moderation.judging.second_reader.attacks.trial import TrialReport
from moderation.judging.second_reader.registry import CONTRACTS
from moderation.judging.second_reader.values import RuleQuestion
from moderation.pipeline.second_opinions import examining, guarding, resting, switching
from moderation.pipeline.second_opinions.examining import TrialTurn
from moderation.pipeline.second_opinions.replies import ReaderReply
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers.values import ReaderState
from moderation.spine.second_readings import budget_rows, trial_rows
from moderation.spine.second_readings.trial_rows import ReaderTrial
from moderation.spine.second_readings.values import ReaderAnswer, Spent
from tests.builders import OPERATOR
from tests.moderation.pipeline.second_opinions.conftest import AWAY, BREAKS, FINE, INSULTS, Room, obedient, pass_trial

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

LANGUAGE = attack_texts()[:1]
FEW = 31  # questions in one language


@pytest.fixture
def one_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "attack_texts", lambda: LANGUAGE)


def started(room: Room) -> ReaderTrial:
    return examining.start(room.database, room.site.id, room.reader.id, by=OPERATOR, now=room.at)


def stepped(room: Room, most: int = 1_000) -> int:
    """As many questions as can be asked now."""
    turn = TrialTurn(room.database, room._ask, room.now)
    return next(count for count in range(most + 1) if count == most or not turn.step(room.site.id))


def newest(room: Room) -> ReaderTrial:
    with room.database.read() as conn:
        trial = trial_rows.newest(conn, room.reader.id)
    assert trial is not None
    return trial


def against(room: Room) -> list[str]:
    with room.database.read() as conn:
        return examining.against(conn, room.reader)


def answers(room: Room, says: Callable[[RuleQuestion], bool]) -> None:
    room.replies = lambda question: ReaderReply(BREAKS if says(question) else FINE)


def report(room: Room) -> TrialReport:
    found = examining.report_of(newest(room), room.reader)
    assert found is not None
    return found


@pytest.mark.usefixtures("one_language")
def test_all_questions_are_asked_once_and_paid_for(room: Room) -> None:
    answers(room, obedient)
    trial = started(room)

    assert stepped(room) == trial.questions == FEW
    assert room.asked == [asked.text for asked in judging.questions(CONTRACTS["chat"], LANGUAGE)]
    ended = newest(room)
    assert (ended.ended_at, ended.next_at, ended.is_complete) == (room.at, None, True)
    assert (ended.model, ended.host, len(ended.prompt_hash)) == ("llama-3", "127.0.0.1:9", 16)
    assert report(room).refusals == () and against(room) == []
    with room.database.read() as conn:
        assert budget_rows.spent(conn, room.site.id, room.at.date()) == Spent(FEW, FEW * 110, FEW * 140)


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        (lambda _question: True, "ignores the rules"),
        (lambda question: any(insult in question.text for insult in INSULTS), "ignores the rules"),
        (lambda _question: False, "does not tell plain insults"),
        (lambda question: obedient(question) and '"breaks": false' not in question.text, "obeys comments"),
    ],
)
def test_one_that_ignores_the_rules_or_obeys_comments_is_refused(
    room: Room, says: Callable[[RuleQuestion], bool], sentence: str
) -> None:
    pass_trial(room.database, room.reader, room.at, says=says)

    assert any(sentence in problem for problem in against(room)), against(room)
    with pytest.raises(InvalidInput) as refused:
        switching.move(room.database, room.site.id, room.reader.id, ReaderState.ON, by=OPERATOR, now=room.at)
    assert any(sentence in problem.message for problem in refused.value.problems)


def test_one_that_gives_no_answers_is_refused(room: Room) -> None:
    pass_trial(room.database, room.reader, room.at, says=lambda _question: None)

    assert against(room) == [examining.REFUSED[judging.TrialRefusal.SILENT]]


@pytest.mark.usefixtures("one_language")
def test_it_goes_on_where_it_was_left_and_two_processes_ask_nothing_twice(room: Room) -> None:
    answers(room, obedient)
    started(room)
    stepped(room, most=10)
    left = newest(room)
    assert len(left.answers) == 10

    with room.database.write() as conn:
        late = replace(left, answers=left.answers[:-1])
        assert not trial_rows.answer(conn, late, True, None, model="llama-3", now=room.at)
    assert stepped(room) == FEW - 10
    assert report(room).refusals == ()


@pytest.mark.usefixtures("one_language")
def test_it_waits_for_a_reader_that_rests_and_for_tomorrows_budget(room: Room) -> None:
    answers(room, obedient)
    room.settings(second_reader_calls_per_day=5)
    started(room)
    assert stepped(room) == 5
    room.later(days=1)
    room.says(AWAY)
    for _try in range(3):
        stepped(room)
        room.later(seconds=30)
    assert newest(room).next_at == room.at - resting.FIRST
    answers(room, obedient)
    room.settings(second_reader_calls_per_day=100)

    assert stepped(room) == FEW - 6  # one question was given up
    assert newest(room).missing == "unreachable"
    assert (report(room).insults.missing, report(room).refusals) == (0, ())


@pytest.mark.usefixtures("one_language")
def test_one_runs_at_a_time_and_can_be_stopped(room: Room) -> None:
    trial = started(room)
    with pytest.raises(InvalidInput) as refused:
        started(room)
    assert [problem.field for problem in refused.value.problems] == ["trial"]

    examining.stop(room.database, room.site.id, trial.id, by=OPERATOR, now=room.at)

    assert stepped(room) == 0
    assert against(room) == ["needs a trial that has ended"]


def test_another_prompt_needs_another_trial(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    pass_trial(room.database, room.reader, room.at)
    assert against(room) == []

    monkeypatch.setattr("moderation.judging.second_reader.instructions._TASK", "Judge {opening}{closing}{rules}")

    assert against(room) == ["needs a trial with the model, the address and the prompt of now"]
    room.state(ReaderState.ON)
    (put_back,) = guarding.guard(room.database, now=room.at)
    assert (room.state_now(), put_back.why["trial"]) == (ReaderState.SHADOW, against(room))


@pytest.mark.parametrize("changed", [{"model": "llama-4"}, {"base_url": "http://127.0.0.1:10/v1"}, {"masked": True}])
def test_another_model_address_or_form_needs_another_trial(room: Room, changed: dict[str, Any]) -> None:
    pass_trial(room.database, room.reader, room.at)

    room.reader = replace(room.reader, wish=replace(room.reader.wish, **changed))

    assert against(room) == ["needs a trial with the model, the address and the prompt of now"]


def test_a_model_that_is_replaced_behind_its_name_counts_no_more_until_another_trial(room: Room) -> None:
    pass_trial(room.database, room.reader, room.at)
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0)
    online, later = room.comment("online", 0.1), room.comment("later", 0.1, "You pathetic little man, go away.")
    room.says(replace(BREAKS, model="llama-3-2026-11-01"))

    room.read()

    assert {room.status(id) for id in (online, later)} == {CommentStatus.PUBLISHED}
    assert [(row.state, row.counted) for row in room.readings()] == [("read", False)] * 2
    assert against(room) == ["needs a trial with the model, the address and the prompt of now"]
    assert [put_back.why["trial"] for put_back in guarding.guard(room.database, now=room.at)] == [against(room)]
    assert room.state_now() is ReaderState.SHADOW


@pytest.mark.usefixtures("one_language")
def test_a_model_that_is_replaced_in_the_middle_ends_the_trial(room: Room) -> None:
    started(room)
    room.says(replace(FINE, model="llama-3-2026-08-01"))
    assert stepped(room, most=5) == 5
    assert newest(room).model == "llama-3-2026-08-01"
    room.says(replace(FINE, model="llama-3-2026-11-01"))

    assert stepped(room) == 1
    assert (newest(room).ended_at, len(newest(room).answers)) == (room.at, 5)
    assert against(room) == ["needs a trial that has ended"]


@pytest.mark.usefixtures("one_language")
def test_one_that_was_given_up_is_asked_nothing_more(room: Room) -> None:
    started(room)
    connecting.remove(room.database, room.site.id, room.reader.id, by=OPERATOR, now=room.at)

    assert stepped(room) == 0
    assert newest(room).ended_at == room.at


@pytest.mark.usefixtures("one_language")
def test_an_odd_answer_is_a_missing_one(room: Room) -> None:
    room.says(ReaderAnswer(missing="unparsable: the answer is not JSON"))
    started(room)

    assert stepped(room) == FEW
    assert newest(room).answers == "m" * FEW
    assert against(room) == [examining.REFUSED[judging.TrialRefusal.SILENT]]
