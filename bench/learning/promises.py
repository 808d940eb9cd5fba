"""Limits for a target at simulated sites whose true errors are known: how many are promised one, and at how many of
these it is kept."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log
from statistics import NormalDist, fmean
from typing import Annotated

from bench import Option, Result, tell
from moderation.ground.estimates import Share, counted_share
from moderation.insight.learning.limits.choosing import LIMITS
from moderation.insight.learning.limits.error_curves import Draw, shares_below

WISHES = (0.01, 0.02, 0.05)
COMMENTS = 2_000  # evenly spread, in whose place the truth of a site is counted
SELDOM = 0.2  # of comments are drawn with half the chance of the others
COLUMNS = ("sites", "target", "offered", "kept where offered", "kept at all", "published at the limit")

Chance = Callable[[float], float]
"""Of being rejected by people, by the log-odds of the score."""


@dataclass(frozen=True, slots=True)
class Site:
    """The log-odds of its scores are normal."""

    mean: float
    spread: float
    chance: Chance

    def true_errors(self) -> list[float]:
        """Of what each limit publishes, and of all."""
        even = NormalDist(self.mean, self.spread)
        places = [even.inv_cdf((at + 0.5) / COMMENTS) for at in range(COMMENTS)]
        sums = [0.0, *accumulate(map(self.chance, places))]
        counts = [max(1, bisect(places, log(limit / (1 - limit)))) for limit in LIMITS] + [COMMENTS]
        return [sums[count] / count for count in counts]

    def checks(self, rng: random.Random, count: int) -> list[Draw]:
        draws = list[Draw]()
        for _ in range(count):
            place, weight = rng.gauss(self.mean, self.spread), 2.0 if rng.random() < SELDOM else 1.0
            draws.append((bisect(LIMITS, _rising(place)), weight, rng.random() < self.chance(place)))
        return draws


@dataclass(frozen=True, slots=True)
class Promise:
    """The mildest limit that surely reaches a wish, if any."""

    is_offered: bool
    is_kept: bool = True  # none is broken where none is offered
    published: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    sites: Annotated[int, Option("of each kind")] = 300
    checks: Annotated[int, Option("of published comments at each")] = 1_000
    seed: int = 38


def news_like(_rng: random.Random) -> Site:
    """As toxicity orders a natural mix of comments on news, by the votes of the crowd: 7 % are rejected."""
    return Site(-1.3, 1.45, lambda place: _rising(1.28 * place - 2.04))


def varied(rng: random.Random) -> Site:
    """With 2 to 12 % of comments rejected, by a score that is worth little or much, and a floor or none."""
    mean, spread, rise = rng.uniform(-2.5, -0.5), rng.uniform(1, 1.8), rng.uniform(0.6, 2.2)
    floor, share = rng.choice((0.0, 0.001, 0.003, 0.006)), rng.uniform(0.02, 0.12)
    level = _level(mean, spread, rise, (share - floor) / (1 - floor))
    return Site(mean, spread, lambda place: floor + (1 - floor) * _rising(rise * place + level))


def stepped(_rng: random.Random) -> Site:
    """Of another shape than the curve's: 1.2 % below 0.3, 3 % below 0.6 and 30 % above. No limit keeps to 1 %."""
    return Site(-1.3, 1.45, lambda place: 0.012 if place < log(3 / 7) else 0.03 if place < log(1.5) else 0.3)


KINDS = {"like news": news_like, "varied": varied, "of another shape": stepped}


def measure(plan: Plan) -> Result:
    rows, values = list[tuple[str, ...]](), dict[str, object]()
    for name, kind in KINDS.items():
        promised = promises(kind, plan)
        for wish, of_wish in promised.items():
            offered = [promise for promise in of_wish if promise.is_offered]
            kept = sum(promise.is_kept for promise in offered)
            shares = (
                counted_share(len(offered), len(of_wish)),
                counted_share(kept, len(offered)),
                counted_share(len(of_wish) - len(offered) + kept, len(of_wish)),
            )
            published = fmean(promise.published for promise in offered) if offered else 0.0
            rows.append((name, f"{wish:.0%}", *map(_within, shares), f"{published:.0%}"))
            values[f"{name}, {wish:g}"] = {"sites": len(of_wish), "offered": len(offered), "kept": kept}
        tell(f"{name}: done")
    return Result("promises", COLUMNS, rows, values={"plan": {"sites": plan.sites, "checks": plan.checks}, **values})


def promises(kind: Callable[[random.Random], Site], plan: Plan) -> dict[float, list[Promise]]:
    """By the wish."""
    rng = random.Random(plan.seed)
    by_wish: dict[float, list[Promise]] = {wish: [] for wish in WISHES}
    for site in (kind(rng) for _ in range(plan.sites)):
        draws, truth = site.checks(rng, plan.checks), site.true_errors()
        shares = shares_below(draws)
        for wish, of_wish in by_wish.items():
            of_wish.append(_promise(shares, truth, wish, draws))
    return by_wish


def _promise(shares: Sequence[Share | None], truth: Sequence[float], wish: float, draws: Sequence[Draw]) -> Promise:
    reached = [at for at, share in enumerate(shares) if share is not None and share.high <= wish]
    if not reached:
        return Promise(is_offered=False)
    mildest = reached[-1]
    published = sum(number <= mildest for number, _weight, _wrong in draws) / len(draws)
    return Promise(is_offered=True, is_kept=truth[mildest] <= wish, published=published)


def _level(mean: float, spread: float, rise: float, share: float) -> float:
    """At which the mean of the chances is the share."""
    low, high = -20.0, 20.0
    places = [NormalDist(mean, spread).inv_cdf((at + 0.5) / 200) for at in range(200)]
    for _ in range(40):
        middle = (low + high) / 2
        is_less = fmean(_rising(rise * place + middle) for place in places) < share
        low, high = (middle, high) if is_less else (low, middle)
    return low


def _rising(odds: float) -> float:
    return 1 / (1 + exp(-odds))


def _within(share: Share | None) -> str:
    return "–" if share is None else f"{share.share:.1%} [{share.low:.1%}–{share.high:.1%}]"
