"""Texts that wait for the models: turns, early refusals, and deadlines. The clock is the test's own."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from moderation.pipeline.drafts.messages import LimitToExplain, ScoredText, Text
from tests.clock import Clock
from workers.answering import waiting
from workers.answering.requests import SHARE_CHARS, Caller, Request, Turn
from workers.answering.waiting import (
    MAX_REQUESTS,
    MOST_OF_KEY,
    MOST_OF_SITE,
    MOST_UNREAD_OF_SITE,
    TEXT_COST,
    Busy,
    Late,
    Waiting,
)

PACE_S = 1e-4
SHORT = Text("x" * (100 - TEXT_COST))  # costs 100, so 10 ms
LONG = Text("x" * (7_000 - TEXT_COST))  # 0.7 s
LONG_ENOUGH_S = 60.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Waiting:
    monkeypatch.setattr(waiting, "FIRST_PACE_S", PACE_S)
    return Waiting(clock)


def places(turns: list[Turn], *requests: object) -> list[tuple[int, int]]:
    return [(requests.index(turn.request), turn.index) for turn in turns]


def finish(turns: list[Turn]) -> None:
    for turn in turns:
        turn.request.scored[turn.index] = ScoredText((), language=str(turn.index))
        if turn.request.is_scored:
            turn.request.done.set()


def test_what_waits_is_taken_together_in_the_order_of_arrival(queue: Waiting) -> None:
    first, second = queue.enter([SHORT], within_s=1), queue.enter([SHORT], within_s=1)

    assert places(queue.take(), first, second) == [(0, 0), (1, 0)]
    assert queue.texts == 0


def test_a_pass_takes_no_more_than_its_time_allows(queue: Waiting) -> None:
    requests = [queue.enter([SHORT], within_s=1) for _ in range(5)]  # 10 ms each, and a pass has 30

    assert places(queue.take(), *requests) == [(0, 0), (1, 0), (2, 0)]
    assert places(queue.take(), *requests) == [(3, 0), (4, 0)]


def test_a_single_text_that_is_longer_than_a_pass_is_taken_alone(queue: Waiting) -> None:
    long, short = queue.enter([Text("x" * 9_000)], within_s=2), queue.enter([SHORT], within_s=2)

    assert places(queue.take(), long, short) == [(1, 0)], "it does not wait until the long one has been read"
    assert places(queue.take(), long, short) == [(0, 0)]


def test_a_long_list_does_not_hold_up_a_short_one(queue: Waiting) -> None:
    many = queue.enter([SHORT] * 60, within_s=LONG_ENOUGH_S)
    one = queue.enter([SHORT], within_s=0.4)

    first, second = places(queue.take(), many, one), places(queue.take(), many, one)

    assert first == [(1, 0), *[(0, i) for i in range(SHARE_CHARS // 100)]]
    assert second == [(0, SHARE_CHARS // 100 + i) for i in range(SHARE_CHARS // 100)]


def test_the_texts_of_a_list_are_answered_in_order_over_several_passes(queue: Waiting) -> None:
    request = queue.enter([SHORT] * 45, within_s=LONG_ENOUGH_S)

    while turns := queue.take(wait_s=0):
        finish(turns)

    assert [one.language for one in queue.result(request)] == [str(i) for i in range(45)]


@pytest.mark.parametrize(("within_s", "is_taken"), [(0.0199, False), (0.0201, True)])
def test_a_request_is_refused_at_once_if_it_would_be_late(queue: Waiting, within_s: float, is_taken: bool) -> None:
    queue.enter([SHORT], within_s=1)

    if is_taken:
        queue.enter([SHORT], within_s=within_s)
    else:
        with pytest.raises(Busy) as refused:
            queue.enter([SHORT], within_s=within_s)
        assert refused.value.retry_after_s == 1
    assert queue.texts == 1 + is_taken


def test_the_pass_that_runs_counts_with_the_time_that_it_still_needs(queue: Waiting, clock: Clock) -> None:
    queue.enter([Text("x" * (10_000 - TEXT_COST))], within_s=2)
    queue.take()  # for a second

    with pytest.raises(Busy):
        queue.enter([SHORT], within_s=0.5)
    clock.moment += 0.6
    queue.enter([SHORT], within_s=0.5)


def test_a_list_ahead_counts_with_its_turn_only(queue: Waiting) -> None:
    queue.enter([SHORT] * 600, within_s=LONG_ENOUGH_S)  # six seconds of work

    queue.enter([SHORT], within_s=SHARE_CHARS * PACE_S + 0.011)


def test_the_measured_pace_decides(queue: Waiting, clock: Clock) -> None:
    for _ in range(60):
        queue.enter([SHORT], within_s=LONG_ENOUGH_S)
        queue.take()
        clock.moment += 0.1  # ten times as slow
        queue.passed()

    queue.enter([SHORT], within_s=LONG_ENOUGH_S)
    with pytest.raises(Busy):
        queue.enter([SHORT], within_s=0.19)
    queue.enter([SHORT], within_s=0.22)


@pytest.mark.parametrize(("short_before", "most_refused"), [(0, 0), (60, 1)])
def test_the_time_between_passes_turns_no_short_text_away_from_a_long_one(
    queue: Waiting, clock: Clock, short_before: int, most_refused: int
) -> None:
    """On a busy machine a pass takes 80 ms more, whatever is in it."""

    def read(seconds: float) -> None:
        queue.take()
        clock.moment += seconds
        queue.passed()

    for _ in range(short_before):
        queue.enter([SHORT], within_s=LONG_ENOUGH_S)
        read(0.09)
    refused = 0
    for _ in range(40):
        queue.enter([LONG], within_s=LONG_ENOUGH_S, caller=Caller("a", "page"))
        queue.take()
        clock.moment += 0.2  # of the 0.78 s that it takes
        try:
            queue.enter([SHORT], within_s=0.78, caller=Caller("b", "page"))
        except Busy:
            refused += 1
        clock.moment += 0.58
        queue.passed()
        if queue.texts:
            read(0.09)

    assert refused <= most_refused


def test_one_stall_does_not_turn_callers_away_from_then_on(queue: Waiting, clock: Clock) -> None:
    queue.enter([SHORT], within_s=LONG_ENOUGH_S)
    queue.take()
    clock.moment += 600
    queue.passed()

    for _ in range(40):
        request = queue.enter([SHORT], within_s=0.011)
        finish(queue.take(wait_s=0))
        clock.moment += 0.01
        queue.passed()
        assert len(queue.result(request)) == 1
    queue.enter([SHORT], within_s=LONG_ENOUGH_S)
    queue.enter([SHORT], within_s=0.03)


def test_a_request_whose_time_runs_out_is_not_scored(queue: Waiting, clock: Clock) -> None:
    late, punctual = queue.enter([SHORT], within_s=0.3), queue.enter([SHORT], within_s=1)
    clock.moment += 0.295  # the rest is less than the text takes

    assert places(queue.take(), late, punctual) == [(1, 0)]
    with pytest.raises(Late):
        queue.result(late)


def test_an_answer_that_does_not_come_is_late_at_the_deadline(queue: Waiting, clock: Clock) -> None:
    request = queue.enter([SHORT], within_s=0.02)
    queue.take()
    clock.moment += 0.02

    with pytest.raises(Late):
        queue.result(request)


def test_scores_that_wait_for_their_words_are_given_at_the_deadline(queue: Waiting, clock: Clock) -> None:
    request = queue.enter([SHORT], within_s=1)
    (turn,) = queue.take()
    request.scored[turn.index] = ScoredText((), language="en")
    clock.moment += 1

    (scored,) = queue.result(request)

    assert scored.language == "en"


def test_an_answer_without_the_sentences_that_were_asked_for_is_late(queue: Waiting, clock: Clock) -> None:
    request = queue.enter([Text("x", spans=True)], within_s=1)
    (turn,) = queue.take()
    request.scored[turn.index] = ScoredText((), language="en")
    clock.moment += 1

    with pytest.raises(Late):
        queue.result(request)


def test_a_new_article_costs_its_length_and_a_known_one_nothing(queue: Waiting) -> None:
    about = Text("x", article_text="y" * 9_000, article_key="a-1")
    queue.enter([SHORT], within_s=LONG_ENOUGH_S)

    with pytest.raises(Busy):
        queue.enter([about], within_s=0.5)
    queue.enter([about], within_s=2)
    while queue.take(wait_s=0):
        queue.passed()
    queue.enter([SHORT], within_s=LONG_ENOUGH_S)
    queue.enter([about], within_s=0.5)


def test_an_article_too_long_for_the_deadline_is_read_when_nothing_waits(queue: Waiting) -> None:
    about = Text("x", article_text="y" * 9_000, article_key="a-1")
    with pytest.raises(Busy):
        queue.enter([about], within_s=0.5)
    with pytest.raises(Busy):
        queue.enter([about], within_s=0.5)
    urgent = queue.enter([SHORT], within_s=0.5)

    first, second, third = queue.take(), queue.take(), queue.take(wait_s=0)

    assert [turn.request for turn in first] == [urgent]
    assert [turn.text.article_key for turn in second] == ["a-1"]
    assert third == []
    queue.passed()
    queue.enter([about], within_s=0.5)


def test_words_and_sentences_cost_extra(queue: Waiting) -> None:
    plain, marked = Text("x" * 940), Text("x" * 940, spans=True, explain=(LimitToExplain("toxicity", "at_least", 0.8),))
    queue.enter([SHORT], within_s=LONG_ENOUGH_S)

    with pytest.raises(Busy):
        queue.enter([marked], within_s=0.2)
    queue.enter([plain], within_s=0.2)


@pytest.mark.parametrize(
    ("name", "most", "texts"), [("MAX_REQUESTS", 2, [SHORT]), ("MAX_CHARS", 100, [Text("x" * 50)])]
)
def test_no_more_waits_than_the_memory_has_room_for(
    queue: Waiting, monkeypatch: pytest.MonkeyPatch, name: str, most: int, texts: list[Text]
) -> None:
    monkeypatch.setattr(waiting, name, most)
    queue.enter(texts, within_s=LONG_ENOUGH_S, caller=Caller("a"))
    queue.enter(texts, within_s=LONG_ENOUGH_S, caller=Caller("b"))

    with pytest.raises(Busy):
        queue.enter(texts, within_s=LONG_ENOUGH_S, caller=Caller("c"))


def test_a_waiting_thread_is_woken_by_its_answer() -> None:
    queue = Waiting()
    request = queue.enter([SHORT], within_s=LONG_ENOUGH_S)
    threading.Timer(0.05, lambda: finish(queue.take())).start()

    assert len(queue.result(request)) == 1


def test_taking_waits_for_a_request() -> None:
    queue = Waiting()
    threading.Timer(0.05, lambda: queue.enter([SHORT], within_s=LONG_ENOUGH_S)).start()

    assert len(queue.take(wait_s=LONG_ENOUGH_S)) == 1


LONG = Text("x" * 7_000)
MIDDLE = Text("x" * (SHARE_CHARS - TEXT_COST))
HOURS_S = 36_000.0


def order(queue: Waiting, requests: Sequence[Request]) -> list[int]:
    """The numbers of the requests in the order in which all their texts are taken."""
    ended: list[int] = []
    while turns := queue.take(wait_s=0):
        ended += [requests.index(turn.request) for turn in turns if turn.index == len(turn.request.texts) - 1]
        queue.passed()
    return ended


def whose(number: int, *, sites: int, keys: int = 1, readers: int = 1) -> Caller:
    return Caller(f"site-{number % sites}", f"key-{number % keys}", f"reader-{number % readers}")


@pytest.mark.parametrize(("sites", "keys", "readers"), [(1, 1, 1), (10, 1, 1), (1, 8, 1), (1, 1, 80), (10, 4, 7)])
@pytest.mark.parametrize("count", [8, 80])
@pytest.mark.parametrize("passes", [0, 1, 5])
def test_a_short_text_of_another_site_comes_before_all_long_ones(
    queue: Waiting, sites: int, keys: int, readers: int, count: int, passes: int
) -> None:
    some = min(count, sites * min(MOST_OF_SITE, keys * MOST_OF_KEY))
    for number in range(some):
        queue.enter([LONG], within_s=HOURS_S, caller=whose(number, sites=sites, keys=keys, readers=readers))
    for _ in range(passes):
        assert len(queue.take()) == 1, "a long text goes alone"

    short = queue.enter([SHORT], within_s=0.011 + 0.71 * (passes > 0), caller=Caller("another"))

    assert [turn.request for turn in queue.take()] == [short]


@pytest.mark.parametrize(
    "caller", [Caller("site-0", "another"), Caller("site-0", "key-0", "another"), Caller("site-0", "key-0", "reader-0")]
)
def test_within_a_site_a_key_and_a_reader_what_is_long_waits_behind_what_is_short(
    queue: Waiting, caller: Caller
) -> None:
    for number in range(8):
        queue.enter([LONG], within_s=HOURS_S, caller=whose(number, sites=1))
    queue.take()

    short = queue.enter([SHORT], within_s=HOURS_S, caller=caller)

    assert queue.take()[0].request is short


@pytest.mark.parametrize("same", ["site", "key", "reader"])
def test_equal_texts_take_turns_by_site_key_and_reader(queue: Waiting, same: str) -> None:
    levels = ("site", "key", "reader")
    names = dict.fromkeys(levels[: levels.index(same)], "same")
    many = [queue.enter([MIDDLE], within_s=HOURS_S, caller=Caller(**{**names, same: "many"})) for _ in range(20)]
    few = [queue.enter([MIDDLE], within_s=HOURS_S, caller=Caller(**{**names, same: "few"})) for _ in range(4)]

    assert order(queue, [*many, *few])[:8] == [0, 20, 1, 21, 2, 22, 3, 23]


def test_coming_again_and_again_gains_nothing(queue: Waiting) -> None:
    steady = [queue.enter([MIDDLE], within_s=HOURS_S, caller=Caller("steady")) for _ in range(10)]
    served: list[str] = []
    for _ in range(20):
        comes_and_goes = queue.enter([MIDDLE], within_s=HOURS_S, caller=Caller("comes and goes"))
        (turn,) = queue.take()
        served.append(turn.request.caller.site)
        queue.passed()
        if comes_and_goes in queue._requests:
            queue._remove(comes_and_goes)  # its deadline is over

    assert len(steady) == 10
    assert served.count("comes and goes") <= 10


@pytest.mark.parametrize("short_from", ["one site", "a site for each", "the same reader"])
def test_a_long_text_is_read_when_each_of_the_others_has_had_as_much(queue: Waiting, short_from: str) -> None:
    mine = Caller("mine", "key", "reader")
    long = queue.enter([LONG], within_s=HOURS_S, caller=mine)
    before = 0
    for number in range(1_000):
        caller = {"one site": Caller("a"), "a site for each": Caller(f"a-{number % 5}"), "the same reader": mine}
        for _ in range(3):
            queue.enter([SHORT], within_s=HOURS_S, caller=caller[short_from])
        turns = queue.take()
        queue.passed()
        if turns[0].request is long:
            break
        before += 100 * len(turns)

    others = {"one site": 1, "a site for each": 5, "the same reader": 3}[short_from]
    assert before <= (others + 1) * (long.costs[0] + 300)


@pytest.mark.parametrize(("keys", "most"), [(1, MOST_OF_KEY), (2, MOST_OF_SITE), (50, MOST_OF_SITE)])
def test_a_key_and_a_site_may_have_so_many_waiting(queue: Waiting, keys: int, most: int) -> None:
    for number in range(most):
        queue.enter([SHORT], within_s=HOURS_S, caller=whose(number, sites=1, keys=keys))

    with pytest.raises(Busy) as refused:
        queue.enter([SHORT], within_s=HOURS_S, caller=whose(0, sites=1, keys=keys))
    assert refused.value.retry_after_s >= 1
    queue.enter([SHORT], within_s=HOURS_S, caller=Caller("another"))


@pytest.mark.parametrize("sites", [2, 10, 50])
def test_when_all_is_full_the_site_that_has_most_makes_room(queue: Waiting, sites: int) -> None:
    requests = [
        queue.enter([SHORT], within_s=HOURS_S, caller=whose(number, sites=sites, keys=4))
        for number in range(MAX_REQUESTS)
    ]

    queue.enter([SHORT], within_s=HOURS_S, caller=Caller("another"))

    ended = [number for number, request in enumerate(requests) if request.done.is_set()]
    assert len(ended) == 1 and ended[0] >= MAX_REQUESTS - sites, "the newest of its site"
    with pytest.raises(Busy):
        queue.result(requests[ended[0]])
    assert queue.texts == MAX_REQUESTS


def test_long_articles_of_one_site_leave_room_to_be_read_for_those_of_others(queue: Waiting) -> None:
    for number in range(20):
        site = "one" if number < 18 else "other"
        about = Text("x", article_text="y" * 9_000, article_key=f"{site}-{number}")
        with pytest.raises(Busy):
            queue.enter([about], within_s=0.5, caller=Caller(site))

    read = [turn.text.article_key for _ in range(6) for turn in queue.take(wait_s=0)]

    assert sorted(key.partition("-")[0] for key in read if key) == ["one"] * MOST_UNREAD_OF_SITE + ["other"] * 2


def test_many_small_texts_just_below_a_pass_do_not_hold_up_another_site(queue: Waiting) -> None:
    for number in range(90):
        queue.enter([MIDDLE], within_s=HOURS_S, caller=whose(number, sites=10))
    queue.take()

    short = queue.enter([SHORT], within_s=HOURS_S, caller=Caller("another"))

    assert queue.take()[0].request is short
