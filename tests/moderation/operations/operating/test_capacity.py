from __future__ import annotations

import heapq
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.operations.operating.capacity import HELD_FOR, MeasuredLoad, plan

rates = st.floats(0.01, 2_000)
costs = st.floats(0.0005, 0.5)
delays = st.floats(0.05, 60)


def simulated_share_in_time(measured: MeasuredLoad, workers: int, delay_s: float, comments: int = 20_000) -> float:
    """Comments that arrive at random times. The first free worker serves them, in batches."""
    dice = random.Random(11)
    arrivals, now = [], 0.0
    for _ in range(comments):
        now += dice.expovariate(measured.arrivals_per_s)
        arrivals.append(now)
    free_at = [0.0] * workers
    done, first = 0, 0
    while first < comments:
        start = max(heapq.heappop(free_at), arrivals[first])
        last = first
        while last < comments and last - first < measured.batch and arrivals[last] <= start:
            last += 1
        end = start + (last - first) * measured.seconds_per_comment
        done += sum(end - arrived <= delay_s for arrived in arrivals[first:last])
        heapq.heappush(free_at, end)
        first = last
    return done / comments


@pytest.mark.parametrize(
    ("rate", "cost", "delay_s"),
    [(5, 0.002, 0.5), (300, 0.002, 1), (450, 0.0022, 2), (900, 0.003, 0.5), (40, 0.04, 3), (2, 0.3, 5)],
)
def test_the_planned_workers_hold_the_delay_in_a_simulation(rate: float, cost: float, delay_s: float) -> None:
    measured = MeasuredLoad(rate, cost, batch=32)

    planned = plan(measured, delay_s)

    assert planned.holds
    assert simulated_share_in_time(measured, planned.workers, delay_s) >= HELD_FOR


@given(rates, costs, delays)
def test_workers_are_never_fewer_than_the_work(rate: float, cost: float, delay_s: float) -> None:
    planned = plan(MeasuredLoad(rate, cost, batch=32), delay_s)

    assert planned.share_busy < 1
    assert planned.workers >= 1


@given(rates, costs, delays, st.floats(1, 5))
def test_a_shorter_delay_and_more_comments_never_need_fewer(
    rate: float, cost: float, delay_s: float, more: float
) -> None:
    base = plan(MeasuredLoad(rate, cost, batch=32), delay_s)
    busier = plan(MeasuredLoad(rate * more, cost, batch=32), delay_s)
    patient = plan(MeasuredLoad(rate, cost, batch=32), delay_s * more)

    if base.holds and busier.holds:
        assert busier.workers >= base.workers
    if base.holds:
        assert patient.holds and patient.workers <= base.workers


def test_a_delay_shorter_than_one_comment_takes_is_held_by_nobody() -> None:
    assert not plan(MeasuredLoad(10, 0.5, batch=32), delay_s=0.4).holds


@pytest.mark.parametrize(
    ("mean_batch", "most", "slower"),
    [(1, 32, True), (7.9, 32, True), (8, 32, False), (32, 32, False), (3.9, 4, True), (4, 4, False), (None, 32, False)],
)
def test_a_speed_measured_with_small_batches_is_not_that_of_a_busy_worker(
    mean_batch: float | None, most: int, slower: bool
) -> None:
    assert MeasuredLoad(10, 0.02, most, mean_batch).is_slower_than_busy is slower


def test_no_arrivals_need_one_worker() -> None:
    assert plan(MeasuredLoad(0, 0.002, batch=32), delay_s=1).workers == 1
