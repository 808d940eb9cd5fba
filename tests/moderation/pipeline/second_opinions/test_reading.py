"""One reading: claimed once, paid once, answered once, and missing where anything goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.operations.operating.deleting import erasing, retention_rows
from moderation.pipeline.second_opinions.reading import CLAIMED_FOR
from moderation.pipeline.second_opinions.replies import AGAIN_AFTER, ReaderReply
from moderation.sites.rules import rows as rule_books
from moderation.sites.rules import writing as rule_book
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers.values import ReaderState
from moderation.spine.second_readings import budget_rows, rows
from moderation.spine.second_readings.values import ReaderAnswer, Spent
from tests.builders import NOON, OPERATOR
from tests.moderation.pipeline.second_opinions.conftest import AWAY, BREAKS, FINE, Room

HELD = 0.95


def spent(room: Room) -> Spent:
    with room.database.read() as conn:
        return budget_rows.spent(conn, room.site.id, room.at.date())


def missing(room: Room) -> list[str | None]:
    return [row.missing for row in room.readings()]


def test_an_answer_is_kept_with_what_it_took(room: Room) -> None:
    room.says(replace(BREAKS, bytes_out=1_900))
    room.comment("held", HELD)

    room.read()

    (row,) = room.readings()
    assert (row.breaks, row.rule, row.quote, row.score) == (True, "insults", "pathetic little man", 0.9)
    assert (row.model, row.host, row.prompt_hash) == ("llama-3", "127.0.0.1:9", "p" * 64)
    assert (row.latency_ms, row.tokens_in, row.tokens_out, row.bytes_out) == (900, 100, 10, 1_900)
    assert row.cost == 140  # millionths of a euro: 100 tokens at 1 euro a million, 10 at 4
    assert (row.next_at, row.read_at, row.book_version) == (None, NOON, 1)
    assert spent(room) == Spent(calls=1, tokens=110, cost=140)


def test_the_same_text_is_asked_about_once(room: Room) -> None:
    room.says(BREAKS)
    for name in ("one", "two"):
        room.comment(name, HELD)
        room.read()

    assert len(room.asked) == 1
    _, second = room.readings()
    assert (second.breaks, second.rule, second.model, second.is_cached) == (True, "insults", "llama-3", True)
    assert spent(room).calls == 1


def test_a_changed_rule_book_asks_again(room: Room) -> None:
    room.comment("one", HELD)
    room.read()
    with room.database.read() as conn:
        (rule,) = rule_books.read(conn, room.site.id).rules
    rule_book.put_rule(room.database, room.site.id, replace(rule, sentence="Be kinder."), by=OPERATOR, now=NOON)
    room.comment("two", HELD)

    room.read()

    assert len(room.asked) == 2


def test_a_missing_answer_is_not_kept_for_others(room: Room) -> None:
    room.says(ReaderAnswer(missing="refused"))
    for name in ("one", "two"):
        room.comment(name, HELD)
        room.read()

    assert len(room.asked) == 2
    assert missing(room) == ["refused", "refused"]


@pytest.mark.parametrize(
    ("limit", "asked"),
    [
        ({"second_reader_calls_per_day": 0}, 0),
        ({"second_reader_calls_per_day": 1}, 1),
        ({"second_reader_calls_per_day": 2}, 2),
        ({"second_reader_tokens_per_day": 110}, 1),
        ({"second_reader_tokens_per_day": 111}, 2),
        ({"second_reader_euros_per_day": 0.000_139}, 1),
        ({"second_reader_euros_per_day": 0.000_141}, 2),
    ],
)
def test_over_the_days_budget_nobody_is_asked(room: Room, limit: dict[str, float], asked: int) -> None:
    room.settings(**limit)
    for name in ("one", "two", "three"):
        room.comment(name, HELD, f"text {name}")

    assert room.read() == min(asked, 3)

    assert missing(room) == [None] * asked + ["budget"] * (3 - asked)


def test_the_next_day_has_a_budget_of_its_own(room: Room) -> None:
    room.settings(second_reader_calls_per_day=1)
    room.comment("one", HELD, "text one")
    room.read()
    room.later(days=1)
    room.comment("two", HELD, "text two")

    assert room.read() == 1


def test_several_calls_for_one_comment_are_all_counted(room: Room) -> None:
    room.says(replace(FINE, calls=3))
    room.comment("one", HELD)

    room.read()

    assert spent(room).calls == 3


def test_one_that_is_away_is_asked_again_later_and_then_no_more(room: Room) -> None:
    room.says(AWAY)
    room.comment("held", HELD)

    asked = [room.read()]
    for pause in (*AGAIN_AFTER, timedelta(days=1)):
        room.at += pause - timedelta(seconds=1)
        asked.append(room.read())
        room.later(seconds=1)
        asked.append(room.read())

    assert asked == [1, 0, 1, 0, 1, 0, 0]
    assert missing(room) == ["unreachable"]


def test_one_that_comes_back_is_heard(room: Room) -> None:
    room.says(AWAY)
    room.comment("held", HELD)
    room.read()
    room.says(BREAKS)
    room.at += AGAIN_AFTER[0]

    room.read()

    assert [(row.breaks, row.missing) for row in room.readings()] == [(True, None)]


def test_a_process_that_dies_while_it_asks_loses_nothing(room: Room) -> None:
    room.comment("held", HELD)

    def dies(_reading: object) -> ReaderReply:
        raise KeyboardInterrupt

    room.replies = dies
    with pytest.raises(KeyboardInterrupt):
        room.read()
    room.says(FINE)

    assert room.read() == 0  # it is still claimed
    room.at += CLAIMED_FOR
    assert room.read() == 1
    assert [row.state for row in room.readings()] == ["read"]


def test_two_processes_do_not_ask_about_the_same_comment(room: Room) -> None:
    room.comment("held", HELD)
    with room.database.read() as conn:
        (due,) = rows.due(conn, room.site.id, now=room.at, limit=10)
    room.says(FINE)

    assert [room.turn().read(due), room.turn().read(due)] == [True, False]
    assert len(room.asked) == 1


def test_an_answer_that_comes_too_late_changes_nothing(room: Room) -> None:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0)
    online = room.comment("online", 0.1)
    before = room.found(online)

    def slow(_reading: object) -> ReaderReply:
        room.at += CLAIMED_FOR
        room.says(FINE)
        room.read()  # another process has taken it over and was told something else
        return ReaderReply(BREAKS)

    room.replies = slow
    room.read()

    assert room.found(online) == before
    assert [row.breaks for row in room.readings()] == [False]


@pytest.mark.parametrize("state", [ReaderState.SHADOW, ReaderState.OFF])
def test_one_that_is_switched_off_while_it_reads_holds_nothing(room: Room, state: ReaderState) -> None:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0)
    online = room.comment("online", 0.1)
    before = room.found(online)

    def switched(_reading: object) -> ReaderReply:
        room.state(state)
        return ReaderReply(BREAKS)

    room.replies = switched
    room.read()

    assert room.found(online) == before


def test_one_that_is_off_or_given_up_is_not_asked(room: Room) -> None:
    room.comment("held", HELD)
    room.state(ReaderState.OFF)

    assert room.read() == 0
    assert [row.state for row in room.readings()] == ["overtaken"]

    connecting.remove(room.database, room.site.id, room.reader.id, by=OPERATOR, now=NOON)
    room.comment("other", HELD)
    assert len(room.readings()) == 1


def test_without_rules_nobody_is_asked(room: Room) -> None:
    rule_book.remove_rule(room.database, room.site.id, "insults", by=OPERATOR, now=NOON)
    room.comment("held", HELD)

    assert room.read() == 0
    assert missing(room) == ["no rules"]


def test_erasure_takes_the_quote_and_what_tells_the_text(room: Room, database: Database) -> None:
    room.says(BREAKS)
    room.comment("held", HELD)
    room.read()

    erasing.erase(database, room.site.id, "u-1", by=OPERATOR, now=NOON)

    (row,) = room.readings()
    assert (row.quote, row.answer_key, row.breaks, row.cost) == (None, None, True, 140)


def test_a_deleted_comment_takes_its_readings_along(room: Room, database: Database) -> None:
    room.says(BREAKS)
    held = room.comment("held", HELD)
    room.read()
    room.decide("held", Action.PUBLISH)

    with database.write() as conn:
        retention_rows.delete_comments(conn, [held])

    assert room.readings() == []
