"""How often two people judge the same comment alike: no model can do better than that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations

from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check

WINDOW = timedelta(days=365)  # second judgements are few
FEWEST = 10  # below this, alpha says more about chance than about people


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two people on the same comments."""

    name: str  # a reason of the site; empty for publish or reject
    pairs: int
    agreed: int
    alpha: float | None  # 1: always, 0: as chance would; None where all judgements are the same


@dataclass(frozen=True, slots=True)
class Agreement:
    overall: PairAgreement
    reasons: tuple[PairAgreement, ...]  # each against all other judgements
    mine: PairAgreement | None  # of the pairs in which the asking person took part


def of_site(conn: Connection, site_id: str, *, person: str, now: datetime) -> Agreement:
    """``person`` sees their own agreement with the others; nobody sees another's."""
    return agreement([c for c in checks.since(conn, site_id, now - WINDOW) if c.second_outcome is not None], person)


def agreement(pairs: Sequence[Check], person: str) -> Agreement:
    """As ``of_site``, of checks with two judgements."""
    outcomes = [(str(c.outcome), str(c.second_outcome)) for c in pairs]
    reasons = [(_reason(c.outcome, c.reason), _reason(c.second_outcome, c.second_reason)) for c in pairs]
    named = sorted({reason for both in reasons for reason in both if reason})
    mine = [both for both, c in zip(outcomes, pairs, strict=True) if person in (c.decided_by, c.second_by)]
    return Agreement(
        overall=_alike("", outcomes),
        reasons=tuple(_alike(r, [(str(a == r), str(b == r)) for a, b in reasons]) for r in named),
        mine=_alike("", mine) if mine else None,
    )


def krippendorff(units: Iterable[Sequence[str | None]]) -> float | None:
    """Alpha for nominal values, any number of judges, missing values as None; None where no values differ.

    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section D.
    """
    weights: dict[tuple[str, str], float] = {}
    for unit in units:
        values = [value for value in unit if value is not None]
        for pair in permutations(values, 2):
            weights[pair] = weights.get(pair, 0.0) + 1 / (len(values) - 1)
    totals: dict[str, float] = {}
    for (value, _), weight in weights.items():
        totals[value] = totals.get(value, 0.0) + weight
    n = sum(totals.values())
    expected = n * n - sum(total * total for total in totals.values())
    if not expected:
        return None
    observed = sum(weight for (label, other), weight in weights.items() if label != other)
    return 1 - (n - 1) * observed / expected


def _alike(name: str, pairs: Sequence[tuple[str, str]]) -> PairAgreement:
    return PairAgreement(name, len(pairs), sum(label == other for label, other in pairs), krippendorff(pairs))


def _reason(outcome: CommentStatus | None, reason: str | None) -> str | None:
    return reason if outcome is CommentStatus.REJECTED else None
