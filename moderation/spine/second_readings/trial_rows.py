"""The SQL of trials. Answers come one by one, each by a conditional update, so that a trial goes on where a process
left it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.errors import NotFound
from moderation.spine.second_readings.tables import IS_DUE, second_trials

LETTERS: dict[bool | None, str] = {True: "b", False: "f", None: "m"}
"""An answer's letter: a rule is broken, the comment is fine, or the answer is missing."""

_VERDICTS = {letter: verdict for verdict, letter in LETTERS.items()}


@dataclass(frozen=True, slots=True)
class ReaderTrial:
    """A trial that was stopped has ended with fewer answers than questions."""

    id: str
    site_id: str
    reader_id: str
    fingerprint: str  # of the reader
    model: str  # as its answers report it; until the first one, as it was asked for
    host: str
    prompt_hash: str
    questions: int
    started_by: str
    started_at: datetime
    answers: str = ""
    attempts: int = 0  # of the next question
    missing: str | None = None  # the reason why the newest answer is missing
    next_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_complete(self) -> bool:
        return len(self.answers) == self.questions

    @property
    def is_answered(self) -> bool:
        """Whether the model has answered a question at all."""
        return any(verdict is not None for verdict in self.verdicts)

    @property
    def verdicts(self) -> tuple[bool | None, ...]:
        return tuple(_VERDICTS[letter] for letter in self.answers)


def insert(conn: Connection, trial: ReaderTrial) -> None:
    conn.execute(second_trials.insert().values(**{name: getattr(trial, name) for name in ReaderTrial.__slots__}))


def newest(conn: Connection, reader_id: str) -> ReaderTrial | None:
    mine = sa.select(second_trials).where(second_trials.c.reader_id == reader_id)
    row = conn.execute(mine.order_by(second_trials.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _trial(row)


def get(conn: Connection, site_id: str, trial_id: str) -> ReaderTrial:
    """Raises NotFound."""
    mine = sa.and_(second_trials.c.id == trial_id, second_trials.c.site_id == site_id)
    row = conn.execute(sa.select(second_trials).where(mine)).one_or_none()
    if row is None:
        raise NotFound("trial", trial_id)
    return _trial(row)


def sites_with_due(conn: Connection, now: datetime) -> list[str]:
    due = sa.select(second_trials.c.site_id).where(sa.text(IS_DUE), second_trials.c.next_at <= now)
    return list(conn.execute(due.distinct()).scalars())


def due(conn: Connection, site_id: str, *, now: datetime) -> list[ReaderTrial]:
    """The one that has waited longest comes first."""
    mine = (second_trials.c.site_id == site_id, sa.text(IS_DUE), second_trials.c.next_at <= now)
    rows = conn.execute(sa.select(second_trials).where(*mine).order_by(second_trials.c.next_at))
    return [_trial(row) for row in rows]


def model_of(conn: Connection, reader_id: str) -> str | None:
    """The model that answered the newest trial. None without a trial."""
    mine = sa.select(second_trials.c.model).where(second_trials.c.reader_id == reader_id)
    return conn.execute(mine.order_by(second_trials.c.id.desc()).limit(1)).scalar_one_or_none()


def answer(
    conn: Connection, trial: ReaderTrial, verdict: bool | None, missing: str | None, *, model: str, now: datetime
) -> bool:
    """To the next question; after the last one the trial ends. False if somebody else was first."""
    is_last = len(trial.answers) + 1 == trial.questions
    values = {"answers": trial.answers + LETTERS[verdict], "attempts": 0, "next_at": None if is_last else now}
    values |= {"missing": missing or trial.missing, "ended_at": now if is_last else None}
    values |= {"model": trial.model if verdict is None else model}
    return conn.execute(second_trials.update().where(_same(trial)).values(**values)).rowcount == 1


def postpone(conn: Connection, trial: ReaderTrial, *, to: datetime, attempts: int) -> None:
    conn.execute(second_trials.update().where(_same(trial)).values(next_at=to, attempts=attempts))


def end(conn: Connection, trial_id: str, *, now: datetime) -> bool:
    """Answers that came until now stay. False if it is over."""
    running = sa.and_(second_trials.c.id == trial_id, second_trials.c.ended_at.is_(None))
    return conn.execute(second_trials.update().where(running).values(ended_at=now, next_at=None)).rowcount == 1


def _same(trial: ReaderTrial) -> sa.ColumnElement[bool]:
    return sa.and_(
        second_trials.c.id == trial.id,
        second_trials.c.ended_at.is_(None),
        second_trials.c.answers == trial.answers,
    )


def _trial(row: Row[Any]) -> ReaderTrial:
    return ReaderTrial(**{name: getattr(row, name) for name in ReaderTrial.__slots__})
