"""How appeals stand at a site: how many are open and for how long, and how many decisions were overturned, by rule and
by reason."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.law.appeals import figure_rows as store
from moderation.law.appeals.figure_rows import DAY, DecidedAppeal
from moderation.law.appeals.values import AppealOutcome

WINDOW = timedelta(days=90)
MOST = 5_000  # decided appeals that are counted, the newest


@dataclass(frozen=True, slots=True)
class OfKind:
    """Decided appeals with one thing in common."""

    name: str  # empty where a person decided, or a reason was not given
    decided: int
    overturned: int


@dataclass(frozen=True, slots=True)
class AppealFigures:
    """Open appeals now, and those that were decided within ninety days."""

    open: int
    oldest: datetime | None  # of the open ones
    decided: int
    overturned: int
    settled: int  # the decision, the measure or the comment changed first
    median_days: float | None
    by_rule: tuple[OfKind, ...]  # most appeals first; of software's decisions, and under an empty name all others
    by_reason: tuple[OfKind, ...]
    by_measure: tuple[OfKind, ...]  # of measures about authors, which the two before leave out


def of_site(conn: Connection, site_id: str, *, now: datetime) -> AppealFigures:
    closed = store.decided_since(conn, site_id, now - WINDOW, limit=MOST)
    judged = [appeal for appeal in closed if appeal.outcome is not AppealOutcome.SETTLED]
    waits = [(appeal.decided_at - appeal.created_at) / DAY for appeal in judged]
    on_comments = [appeal for appeal in judged if appeal.measure is None]
    count, oldest = store.open_now(conn, site_id)
    return AppealFigures(
        open=count,
        oldest=oldest,
        decided=len(judged),
        overturned=_overturned(judged),
        settled=len(closed) - len(judged),
        median_days=statistics.median(waits) if waits else None,
        by_rule=_by(on_comments, lambda appeal: appeal.rule or ""),
        by_reason=_by(on_comments, lambda appeal: appeal.rejection_reason or ""),
        by_measure=_by((appeal for appeal in judged if appeal.measure), lambda appeal: appeal.measure or ""),
    )


def _by(judged: Iterable[DecidedAppeal], name_of: Callable[[DecidedAppeal], str]) -> tuple[OfKind, ...]:
    by_name: dict[str, list[DecidedAppeal]] = {}
    for appeal in judged:
        by_name.setdefault(name_of(appeal), []).append(appeal)
    kinds = [OfKind(name, len(of), _overturned(of)) for name, of in by_name.items()]
    return tuple(sorted(kinds, key=lambda kind: (-kind.decided, kind.name)))


def _overturned(judged: Sequence[DecidedAppeal]) -> int:
    return sum(appeal.outcome is AppealOutcome.OVERTURNED for appeal in judged)
