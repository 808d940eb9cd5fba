from __future__ import annotations

from service.cached import MOST, Cache
from tests.clock import Clock


def test_a_number_is_made_again_when_its_time_is_over() -> None:
    clock, numbers = Clock(), iter(range(9))
    cache = Cache(clock)

    def ask() -> int:
        return cache.value("waiting", 5.0, lambda: next(numbers))

    seen = [ask()]
    clock.moment += 4.99
    seen.append(ask())
    clock.moment += 0.01
    seen.append(ask())

    assert seen == [0, 0, 1]


def test_each_number_has_its_own_time() -> None:
    clock = Clock()
    cache = Cache(clock)
    cache.value("short", 1.0, lambda: "old")
    cache.value("long", 60.0, lambda: "old")

    clock.moment += 2.0

    assert cache.value("short", 1.0, lambda: "new") == "new"
    assert cache.value("long", 60.0, lambda: "new") == "old"


def test_nothing_is_a_value_too() -> None:
    cache, made = Cache(Clock()), []

    for _ in range(2):
        cache.value("none", 5.0, lambda: made.append(1))

    assert made == [1]


def test_the_numbers_asked_for_longest_ago_go_first() -> None:
    cache = Cache(Clock())
    for number in range(MOST + 1):
        cache.value(number, 60.0, lambda: "old")

    assert cache.value(0, 60.0, lambda: "new") == "new"
    assert cache.value(MOST, 60.0, lambda: "new") == "old"
