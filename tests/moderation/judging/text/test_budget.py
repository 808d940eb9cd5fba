"""A budget counts the time of one comment and of nothing else."""

from __future__ import annotations

import pytest

from moderation.ground.errors import TooCostly
from moderation.judging.text.reading_budget import STRIDE, UNLIMITED, Budget
from tests.clock import Clock
from tests.ticking import TickingClock


def test_only_open_time_counts() -> None:
    clock = Clock(0.0)
    budget = Budget(1.0, clock)

    with budget:
        clock.moment = 0.4
    clock.moment = 100.0
    with budget, budget:  # opened inside itself
        clock.moment = 100.3

    assert budget.used_s == pytest.approx(0.7)
    assert not budget.is_spent


def test_a_pause_does_not_count() -> None:
    clock = Clock(0.0)
    budget = Budget(1.0, clock)

    with budget:
        clock.moment = 0.5
        with budget.paused():
            clock.moment = 50.0
        clock.moment = 50.2

    assert budget.used_s == pytest.approx(0.7)


def test_a_pause_of_a_closed_budget_opens_nothing() -> None:
    clock = Clock(0.0)
    budget = Budget(1.0, clock)

    with budget.paused():
        clock.moment = 50.0

    assert budget.used_s == 0.0


@pytest.mark.parametrize(("spent", "raises"), [(0.9, False), (1.0, False), (1.1, True)])
def test_a_check_raises_past_the_limit_alone(spent: float, raises: bool) -> None:
    clock = Clock(0.0)

    with Budget(1.0, clock) as budget:
        clock.moment = spent
        assert budget.is_spent is raises
        if raises:
            with pytest.raises(TooCostly, match="took longer than 1000 ms to read"):
                budget.check()


def test_a_loop_ends_within_a_stride_of_the_limit() -> None:
    clock, taken = Clock(0.0), list[int]()

    def take(step: int) -> None:
        taken.append(step)
        clock.moment += 0.1

    with Budget(1.0, clock) as budget, pytest.raises(TooCostly):
        list(map(take, budget.over(range(1_000))))

    assert len(taken) == STRIDE


def test_the_last_step_is_looked_at_too() -> None:
    clock = TickingClock(0.3)

    with Budget(1.0, clock) as budget, pytest.raises(TooCostly):
        list(budget.over([1, 2, 3], stride=1))


def test_without_a_limit_nothing_is_too_costly() -> None:
    with UNLIMITED:
        assert list(UNLIMITED.over(range(100))) == list(range(100))


def test_loops_of_a_few_steps_look_at_the_clock_together() -> None:
    clock = TickingClock(0.001)

    with Budget(1.0, clock) as budget:
        before = clock.looks
        for _ in range(64):
            assert list(budget.over("ab")) == ["a", "b"]

        assert clock.looks - before == 1 + 64 * 2 // STRIDE  # before the first step and after each stride


def test_a_loop_of_dear_steps_is_looked_at_after_loops_of_cheap_ones() -> None:
    clock, taken = Clock(0.0), list[int]()

    def take(step: int) -> None:
        taken.append(step)
        clock.moment += 0.4

    with Budget(1.0, clock) as budget:
        list(budget.over(range(STRIDE // 2)))
        with pytest.raises(TooCostly):
            list(map(take, budget.over(range(1_000), stride=4)))

    assert len(taken) == 6  # after two, while the time lasts, and after four more
