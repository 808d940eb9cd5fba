"""How many workers a given delay needs. Arithmetic only: measured speed and arrival rate in, number of workers out."""

from __future__ import annotations

import math
from dataclasses import dataclass

KEPT = 0.85  # share of the model's own speed that the whole pipeline keeps; `./run.sh bench pipeline` measures it
HELD_FOR = 0.95  # share of the comments that must be decided within the delay
FEW = 8  # comments in a batch; a larger batch makes each of them hardly cheaper
MOST = 10_000


@dataclass(frozen=True, slots=True)
class MeasuredLoad:
    arrivals_per_s: float
    model_seconds_per_comment: float
    batch: int  # the most comments that one model call takes
    mean_batch: float | None = None  # how many it took when the speed was measured

    @property
    def seconds_per_comment(self) -> float:
        """The seconds with the time that a worker spends outside the model."""
        return self.model_seconds_per_comment / KEPT

    @property
    def is_slower_than_busy(self) -> bool:
        """The speed was measured on small batches, so a plan by it asks for too many workers."""
        return self.mean_batch is not None and self.mean_batch < min(FEW, self.batch)


@dataclass(frozen=True, slots=True)
class Plan:
    workers: int
    share_busy: float  # of a worker's time
    holds: bool  # False: no number of workers is fast enough, since one batch alone takes longer


def plan(measured: MeasuredLoad, delay_s: float) -> Plan:
    """The fewest workers with which HELD_FOR of the comments are decided within ``delay_s``.

    Workers share one queue, so this is M/M/c: a comment waits with the probability of Erlang's C formula, and longer
    than t with that times exp(-(c·mu - lambda)·t). See https://en.wikipedia.org/wiki/Erlang_(unit)#Erlang_C_formula
    It errs on the safe side: a batch takes less time than its comments one by one. The time of a comment's own batch,
    which gathers while a worker is busy, is taken off the delay first.
    """
    cost, rate = measured.seconds_per_comment, measured.arrivals_per_s
    workers = math.floor(rate * cost) + 1  # fewer workers never catch up
    while workers < MOST:
        left_s = delay_s - _own_batch_s(measured, workers)
        if left_s > 0 and _share_waiting_longer(workers, rate, cost, left_s) <= 1 - HELD_FOR:
            return Plan(workers, rate * cost / workers, holds=True)
        if delay_s <= cost:
            break
        workers += 1
    return Plan(workers, rate * cost / workers, holds=False)


def _own_batch_s(measured: MeasuredLoad, workers: int) -> float:
    """How long a worker takes for a comment's batch: at most a full batch, at least the comment alone."""
    busy = measured.arrivals_per_s * measured.seconds_per_comment / workers
    together = 1 / (1 - busy) if busy < 1 else measured.batch
    return min(max(together, 1.0), measured.batch) * measured.seconds_per_comment


def _share_waiting_longer(workers: int, rate: float, cost: float, seconds: float) -> float:
    spare_per_s = workers / cost - rate
    return _erlang_c(workers, rate * cost) * math.exp(-spare_per_s * seconds)


def _erlang_c(workers: int, load: float) -> float:
    """Probability that all workers are busy when a comment comes. ``load`` must be less than ``workers``."""
    blocked = 1.0  # Erlang B, by its recurrence: the formula's factorials overflow
    for n in range(1, workers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1 - load / workers * (1 - blocked))
