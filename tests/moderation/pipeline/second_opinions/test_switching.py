"""A second reader is switched on by a replay that speaks for it, and put back where people disagree with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import InvalidInput
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.judging.second_reader.values import RuleQuestion
from moderation.pipeline.second_opinions import guarding, replaying, switching
from moderation.pipeline.second_opinions.figures import ReplayFigures
from moderation.pipeline.second_opinions.replies import ReaderReply
from moderation.sites.audit import rows as audit
from moderation.sites.audit.rows import AuditEntry
from moderation.sites.rules import rows as rule_books
from moderation.sites.rules import writing as rule_book
from moderation.sites.rules.values import Must, RuleCase
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers.values import ReaderState
from moderation.spine.comments import rows as comments
from moderation.spine.second_readings import replay_rows
from moderation.spine.second_readings.tables import second_trials
from moderation.spine.second_readings.values import Purpose, ReaderAnswer
from tests.builders import NOON, OPERATOR
from tests.moderation.pipeline.second_opinions.conftest import BREAKS, FINE, WISH, Room, pass_trial

HELD = 0.95


@pytest.fixture(autouse=True)
def _passed(room: Room) -> None:
    pass_trial(room.database, room.reader, NOON)


def decided(room: Room, count: int, rejected: int) -> None:
    """Comments that the policy held, of which people rejected some."""
    for number in range(count):
        is_rejected = number < rejected
        text = f"{'angry' if is_rejected else 'calm'} words of number {number}"
        room.comment(f"d-{number}", HELD, text)
        room.decide(f"d-{number}", Action.REJECT if is_rejected else Action.PUBLISH, "Other" if is_rejected else None)


def replayed(room: Room, most: int = 2_000) -> ReplayFigures:
    start = room.at
    replay = replaying.start(
        room.database, room.site.id, room.reader.id, purpose=Purpose.REPLAY, most=most, by=OPERATOR, now=start
    )
    room.read()
    replaying.end_finished(room.database, room.site.id, now=room.at)
    with room.database.read() as conn:
        ended = replay_rows.get(conn, room.site.id, replay.id)
    assert ended.result is not None and ended.ended_at == room.at
    return ReplayFigures.from_json(ended.result)


def right(question: RuleQuestion) -> ReaderReply:
    return ReaderReply(BREAKS if question.text.startswith("angry") else FINE)


def switch_on(room: Room) -> None:
    switching.move(room.database, room.site.id, room.reader.id, ReaderState.ON, by=OPERATOR, now=room.at)


def refusals(room: Room) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        switch_on(room)
    assert {problem.field for problem in refused.value.problems} == {"state"}
    return [problem.message for problem in refused.value.problems]


def entries(database: Database, room: Room, action: str) -> list[AuditEntry]:
    with database.read() as conn:
        return [entry for entry in audit.entries(conn, room.site.id, before=None, limit=100) if entry.action == action]


def test_without_a_replay_it_stays_in_the_shadow(room: Room) -> None:
    assert refusals(room) == ["needs a replay on this site’s decisions that has ended"]
    assert room.state_now() is ReaderState.SHADOW


def test_a_replay_says_what_it_would_catch_and_cost(room: Room) -> None:
    decided(room, 20, rejected=8)
    room.replies = lambda reading: (
        ReaderReply(ReaderAnswer(missing="cut: too long", tokens_in=50))
        if reading.text.endswith("19")
        else right(reading)
    )

    figures = replayed(room)

    assert (figures.rejected, figures.caught, figures.published, figures.mistaken) == (8, 8, 11, 0)
    assert figures.missing == {"cut": 1}
    assert figures.by_rule == {"insults": (8, 8)}
    assert (figures.tokens, figures.cost) == (19 * 110 + 50, 19 * 140 + 50)
    assert figures.latency_ms == 19 * 900
    catches = figures.catches
    assert catches is not None and (catches.share, catches.high) == (1.0, 1.0) and 0.6 < catches.low < 0.7


def test_a_replay_moves_nothing_and_comes_after_readers_comments(room: Room) -> None:
    room.state(ReaderState.ON)
    decided(room, 6, rejected=3)
    room.read()
    before = [room.found(row.comment_id) for row in room.readings()]
    room.says(BREAKS)
    replaying.start(room.database, room.site.id, room.reader.id, purpose=Purpose.REPLAY, most=5, by=OPERATOR, now=NOON)
    room.comment("fresh", HELD, "fresh words")
    room.asked.clear()
    room.says(ReaderAnswer(missing="cut"))

    room.read()

    assert [room.found(comment.id) for comment in before] == before
    assert room.asked[0] == "fresh words"


def test_over_budget_a_replay_goes_on_tomorrow(room: Room) -> None:
    decided(room, 6, rejected=3)
    room.read()
    room.settings(second_reader_calls_per_day=8)
    change_rules(room)
    replaying.start(room.database, room.site.id, room.reader.id, purpose=Purpose.REPLAY, most=6, by=OPERATOR, now=NOON)

    assert room.read() == 2
    assert room.read() == 0
    room.later(days=1)
    assert room.read() == 4


def change_rules(room: Room) -> None:
    """The answers of before count no more."""
    with room.database.read() as conn:
        (rule,) = rule_books.read(conn, room.site.id).rules
    changed = replace(rule, guidance="As of today.")
    rule_book.put_rule(room.database, room.site.id, changed, by=OPERATOR, now=room.at)


def test_a_good_replay_switches_it_on_and_the_trail_has_why(room: Room, database: Database) -> None:
    decided(room, 60, rejected=20)
    room.replies = right
    replayed(room)

    switch_on(room)

    assert room.state_now() is ReaderState.ON
    newest = entries(database, room, "second_reader.moved")[0]
    assert newest.before == {"state": "shadow"}
    said = dict(newest.after or {})
    assert said.pop("replay") and said.pop("trial") and said.pop("words")
    assert said == {"state": "on", "rejected": 20, "caught": 20, "published": 40, "mistaken": 0, "cost": 60 * 140}


@pytest.mark.parametrize("always", [FINE, BREAKS])
def test_one_with_a_fixed_answer_is_refused(room: Room, always: ReaderAnswer) -> None:
    decided(room, 60, rejected=20)
    room.says(always)
    replayed(room)

    assert refusals(room) == ["holds what people published about as often as what they rejected"]


def test_one_that_is_right_by_chance_is_refused(room: Room) -> None:
    decided(room, 60, rejected=20)
    room.replies = lambda reading: ReaderReply(BREAKS if int(reading.text.rpartition(" ")[2]) % 2 else FINE)
    replayed(room)

    assert refusals(room) == ["holds what people published about as often as what they rejected"]


def test_too_few_answers_and_too_many_missing_are_refused(room: Room) -> None:
    decided(room, 60, rejected=20)
    room.replies = lambda reading: (
        ReaderReply(ReaderAnswer(missing="refused"))
        if int(reading.text.rpartition(" ")[2]) % 4 == 0
        else right(reading)
    )
    replayed(room)

    assert refusals(room) == [
        "needs answers about 50 decided comments, and has 45",
        "needs answers: of a hundred, 25 are missing",
    ]


def test_other_rules_or_another_model_need_another_replay(room: Room) -> None:
    decided(room, 60, rejected=20)
    room.replies = right
    replayed(room)
    change_rules(room)

    assert refusals(room) == ["needs a replay by the rules as they are now"]


def is_on(room: Room) -> None:
    """By its proofs; it reads every comment."""
    decided(room, 60, rejected=20)
    room.replies = right
    replayed(room)
    switch_on(room)
    room.settings(second_reader_share=1.0)


def test_by_words_that_no_replay_has_tried_it_acts_no_more(room: Room, database: Database) -> None:
    is_on(room)
    change_rules(room)
    room.says(BREAKS)

    read = room.comment("new", 0.1, "calm words of a reader")
    room.read()

    assert room.status(read) is CommentStatus.PUBLISHED
    assert [row.counted for row in room.readings() if row.comment_id == read] == [False]
    (put_back,) = guarding.guard(database, now=room.at)
    assert put_back.why == {"replay": ["needs a replay by the rules as they are now"]}
    assert room.state_now() is ReaderState.SHADOW


def test_a_case_more_changes_no_word_of_what_it_is_asked(room: Room, database: Database) -> None:
    is_on(room)
    case = RuleCase(new_id(), "You fool", Must.HELD, room.at, "Lea")
    rule_book.add_case(database, room.site.id, "insults", case, by=OPERATOR, now=room.at)
    room.says(BREAKS)

    read = room.comment("new", 0.1, "angry words of a reader")
    room.read()

    assert room.status(read) is CommentStatus.FLAGGED
    assert [row.counted for row in room.readings() if row.comment_id == read] == [True]
    assert guarding.guard(database, now=room.at) == []


def misses(room: Room, share: int) -> None:
    """By the rules of now it misses one in so many of those that people rejected."""
    change_rules(room)
    room.replies = lambda reading: (
        ReaderReply(FINE) if int(reading.text.rpartition(" ")[2]) % share == 0 else right(reading)
    )
    replayed(room)


def was_on(room: Room) -> None:
    decided(room, 60, rejected=30)
    room.replies = right
    replayed(room)
    switch_on(room)
    switching.move(room.database, room.site.id, room.reader.id, ReaderState.SHADOW, by=OPERATOR, now=room.at)


def test_by_rules_that_make_it_worse_it_is_not_switched_on_again(room: Room) -> None:
    was_on(room)
    misses(room, share=5)

    assert refusals(room) == [
        "gets comments wrong that Llama in the cellar, which was on before, got right: 6 newly wrong, 0 newly right. "
        "Give that one up if you want it so"
    ]


def test_a_difference_that_may_be_chance_does_not_keep_it_off(room: Room) -> None:
    was_on(room)
    misses(room, share=8)

    switch_on(room)

    assert room.state_now() is ReaderState.ON


def test_one_case_from_a_decided_comment_keeps_it_off(room: Room) -> None:
    was_on(room)
    with room.database.read() as conn:
        ids = [comments.get_comment(conn, room.site.id, f"d-{number}").id for number in (0, 1, 2, 40, 41, 42)]
    for place, id in enumerate(ids):
        must = Must.HELD if place < 3 else Must.PASS
        case = RuleCase(new_id(), f"text {place}", must, room.at, "Lea", comment_id=id)
        rule_book.add_case(room.database, room.site.id, "insults", case, by=OPERATOR, now=room.at)
    misses(room, share=30)

    assert ": 1 newly wrong, 0 newly right" in refusals(room)[0]


def test_the_next_one_is_compared_until_the_last_one_is_given_up(room: Room) -> None:
    was_on(room)
    first = room.reader
    room.reader = connecting.connect(
        room.database,
        room.site.id,
        replace(WISH, name="Other"),
        contracts=("chat",),
        private_addresses=True,
        by=OPERATOR,
        now=room.at,
    )
    pass_trial(room.database, room.reader, room.at)
    switching.move(room.database, room.site.id, room.reader.id, ReaderState.SHADOW, by=OPERATOR, now=room.at)
    misses(room, share=5)
    assert "Llama in the cellar" in refusals(room)[0]

    connecting.remove(room.database, room.site.id, first.id, by=OPERATOR, now=room.at)
    switch_on(room)

    assert room.state_now() is ReaderState.ON


def test_a_model_that_was_replaced_behind_its_name_needs_another_replay(room: Room) -> None:
    decided(room, 60, rejected=20)
    room.replies = right
    replayed(room)
    room.later(seconds=1)
    trial = pass_trial(room.database, room.reader, room.at)
    with room.database.write() as conn:
        conn.execute(second_trials.update().where(second_trials.c.id == trial.id).values(model="llama-3-2026-11-01"))

    assert refusals(room) == ["needs a replay with the model and the address of now"]


def test_only_one_is_on(room: Room) -> None:
    other = connecting.connect(
        room.database,
        room.site.id,
        replace(WISH, name="Other"),
        contracts=("chat",),
        private_addresses=True,
        by=OPERATOR,
        now=NOON,
    )
    decided(room, 60, rejected=20)
    room.replies = right
    replayed(room)
    first, room.reader = room.reader, other
    room.state(ReaderState.ON)
    room.reader = first

    assert refusals(room) == ["is one of several, and another one is on"]


def agreed(room: Room, answers: Mapping[str, ReaderAnswer], decisions: Mapping[str, Action]) -> None:
    for name, answer in answers.items():
        room.says(answer)
        room.comment(name, HELD, f"text of {name}")
        room.read()
        action = decisions[name]
        room.decide(name, action, "Other" if action is Action.REJECT else None)


@pytest.mark.parametrize(
    ("wrong", "count", "state"),
    [(20, 50, ReaderState.ON), (40, 50, ReaderState.SHADOW), (40, 49, ReaderState.ON)],
)
def test_where_people_disagree_it_goes_back_by_itself(
    room: Room, database: Database, wrong: int, count: int, state: ReaderState
) -> None:
    room.state(ReaderState.ON)
    names = [f"n-{number}" for number in range(count)]
    actions = {name: Action.PUBLISH if number < wrong else Action.REJECT for number, name in enumerate(names)}
    agreed(room, dict.fromkeys(names, BREAKS), actions)

    put_back = guarding.guard(database, now=room.at + timedelta(hours=1))

    assert room.state_now() is state
    assert len(put_back) == (state is ReaderState.SHADOW)
    if put_back:
        newest = entries(database, room, "second_reader.moved")[0]
        assert str(newest.actor_kind) == "system"
        assert (newest.after or {})["decisions"] == count


def test_what_it_said_in_the_shadow_does_not_put_it_back(room: Room, database: Database) -> None:
    names = [f"n-{number}" for number in range(60)]
    agreed(room, dict.fromkeys(names, BREAKS), dict.fromkeys(names, Action.PUBLISH))
    room.later(seconds=1)
    room.state(ReaderState.ON)

    assert guarding.guard(database, now=room.at) == []


def test_its_key_is_in_no_entry_and_goes_with_it(room: Room, database: Database) -> None:
    reader = connecting.connect(
        database,
        room.site.id,
        replace(WISH, name="With a key", key="sk-very-secret"),
        contracts=("chat",),
        private_addresses=True,
        by=OPERATOR,
        now=NOON,
    )
    connecting.remove(database, room.site.id, reader.id, by=OPERATOR, now=NOON)

    with database.read() as conn:
        said = str(audit.entries(conn, room.site.id, before=None, limit=100))
        kept = conn.exec_driver_sql("SELECT count(*) FROM second_readers WHERE key IS NOT NULL").scalar_one()
    assert "sk-very-secret" not in said + repr(reader)
    assert kept == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "n" * 81}, "name"),
        ({"name": "Llama in the cellar"}, "name"),
        ({"model": " m"}, "model"),
        ({"model": "omni-moderation-latest"}, "model"),
        ({"model": "Latest"}, "model"),
        ({"contract": "telepathy"}, "contract"),
        ({"base_url": "ftp://models.example"}, "base_url"),
        ({"base_url": "http://127.0.0.1/v1"}, "base_url"),
        ({"base_url": "https://user:pw@models.example"}, "base_url"),
        ({"key": "schlüssel"}, "key"),
        ({"price_in": -1.0}, "price_in"),
        ({"price_out": float("nan")}, "price_out"),
    ],
)
def test_bad_input_names_the_field(room: Room, changes: dict[str, Any], field: str) -> None:
    wish = replace(WISH, **{"name": "Another", "base_url": "https://models.example/v1", **changes})

    with pytest.raises(InvalidInput) as refused:
        connecting.connect(
            room.database,
            room.site.id,
            wish,
            contracts=("chat",),
            private_addresses=False,
            by=OPERATOR,
            now=NOON,
        )

    assert [problem.field for problem in refused.value.problems] == [field]
