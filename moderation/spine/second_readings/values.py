"""One reading of a comment by a second reader, before it and after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MICROS = 1_000_000  # of a euro: money is counted in whole ones


class Purpose(StrEnum):
    HELD = "held"  # it waits for a person: to order the queue and propose a rule
    BAND = "band"  # just below a limit: to hold what the scores miss
    RANDOM = "random"  # published, and drawn by chance: for the same
    REPLAY = "replay"  # a person has decided it: to know how good the reader is
    TRY = "try"  # to look at its answers


LIVE = (Purpose.HELD, Purpose.BAND, Purpose.RANDOM)
"""Those that something can follow from."""


class ReadingState(StrEnum):
    WAITING = "waiting"
    READ = "read"
    MISSING = "missing"  # no answer that counts: a person decides as if nobody had asked
    OVERTAKEN = "overtaken"  # the comment has changed, so nobody was asked


class Unasked(StrEnum):
    """Why there is no answer, where nobody was asked. The other reasons come from the reader."""

    BUDGET = "budget"  # of the day is spent
    WAITED = "waited"  # publishing could wait no longer
    NO_RULES = "no rules"
    RESTING = "resting"  # it failed too often just now, and is left alone for a while


@dataclass(frozen=True, slots=True)
class ReadingAsked:
    """A reading that waits, with the comment as it is now."""

    id: str
    site_id: str
    reader_id: str
    comment_id: str
    version: int  # of the comment when it was asked for
    purpose: Purpose
    next_at: datetime
    attempts: int
    text: str
    title: str
    names: tuple[str, ...]  # of its author and of the author it answers
    comment_version: int  # now
    lane: str
    decide_by: datetime | None = None  # publishing waits until then


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    """A reader's answer as it is kept. Either ``breaks`` or ``missing`` is set."""

    breaks: bool | None = None
    rule: str | None = None  # its key
    quote: str | None = None
    score: float | None = None
    missing: str | None = None
    book_version: int | None = None
    model: str = ""
    host: str = ""
    prompt_hash: str = ""
    calls: int = 0
    bytes_out: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    latency_ms: int = 0
    cost: int = 0  # in millionths of a euro
    is_cached: bool = False  # what it took was taken once, by an earlier reading


@dataclass(frozen=True, slots=True)
class ReadComment:
    """An answer with its comment and what became of both."""

    id: str
    reader_id: str
    comment_id: str
    purpose: Purpose
    counted: bool  # the reader was on
    answer: ReaderAnswer
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """By a site's second readers on a day."""

    calls: int = 0
    tokens: int = 0
    cost: int = 0  # in millionths of a euro


@dataclass(frozen=True, slots=True)
class DayBudget:
    """The most that a site spends on a day."""

    calls: int
    tokens: int
    cost: int
