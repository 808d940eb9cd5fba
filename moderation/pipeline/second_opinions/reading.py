"""Has one comment read by a second reader: claims it, pays for it, asks outside any transaction, and keeps the answer
with what follows from it in one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound, TooCostly
from moderation.ground.monitoring.instruments import instruments
from moderation.judging.second_reader.values import Missing, RuleQuestion
from moderation.pipeline.second_opinions import replies
from moderation.pipeline.second_opinions.acting import act
from moderation.pipeline.second_opinions.questions import question_about
from moderation.pipeline.second_opinions.replies import AGAIN_AFTER, Ask
from moderation.sites.rules.values import RuleBook
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import ReaderState, SecondReader
from moderation.spine.comments import rows as comments
from moderation.spine.comments.door import Passed
from moderation.spine.second_readings import budget_rows as budgets
from moderation.spine.second_readings import proofs
from moderation.spine.second_readings import rows as store
from moderation.spine.second_readings import trial_rows as trials
from moderation.spine.second_readings.values import (
    LIVE,
    DayBudget,
    Purpose,
    ReaderAnswer,
    ReadingAsked,
    ReadingState,
    Unasked,
)

CLAIMED_FOR = timedelta(seconds=45)  # longer than any call may take: a process that died leaves it to others then
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """All that readings of a site's comments depend on, read once for a turn."""

    readers: dict[str, SecondReader]
    book: RuleBook
    budget: DayBudget


def answer_key(reader: SecondReader, book: RuleBook, reading: ReadingAsked) -> str:
    """The same for the same text under the same title, by the same rules, of the same model."""
    said = [reader.fingerprint, book.digest, reading.title, reading.text, list(reading.names)]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def give_up_late(db: Database, reading: ReadingAsked, *, now: datetime) -> bool:
    """Publishing waits for it no longer. False if it was answered at this moment."""
    late = Kept(ReaderAnswer(missing=Unasked.WAITED), ReadingState.MISSING)
    with db.write() as conn:
        return store.answer(conn, reading, None, late.answer, state=late.state, key=None, counted=False, now=now)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is to be kept."""

    answer: ReaderAnswer
    state: ReadingState
    key: str | None = None

    @property
    def outcome(self) -> str:
        if self.state is not ReadingState.READ:
            return self.state.value
        return "breaks" if self.answer.breaks else "fine"


@dataclass(frozen=True, slots=True)
class Claim:
    """A reading that is this process's until ``until``."""

    reading: ReadingAsked
    until: datetime


@dataclass(frozen=True, slots=True)
class ReadingTurn:
    """Reads comments of one site, one after the other."""

    database: Database
    terms: Terms
    ask: Ask
    now: Callable[[], datetime]

    def read(self, reading: ReadingAsked) -> bool:
        """Returns whether the reader was asked. If another process has the reading, nothing happens."""
        claim = Claim(reading, self.now() + CLAIMED_FOR)
        with self.database.write() as conn:
            if not store.claim(conn, reading, until=claim.until):
                return False
        reader = self.terms.readers.get(reading.reader_id)
        if reader is None or (reader.state is ReaderState.OFF and reading.purpose in LIVE) or not reading.text:
            self._keep(claim, Kept(ReaderAnswer(), ReadingState.OVERTAKEN))
        elif not self.terms.book.rules:
            self._keep(claim, Kept(ReaderAnswer(missing=Unasked.NO_RULES), ReadingState.MISSING))
        else:
            return self._answered(claim, reader)
        return False

    def _answered(self, claim: Claim, reader: SecondReader) -> bool:
        key = answer_key(reader, self.terms.book, claim.reading)
        with self.database.read() as conn:
            known = store.known_answer(conn, reader.id, key)
            rests_until = readers.rests_until(conn, reader.id)
        if known is not None:
            self._keep(claim, Kept(replace(known, is_cached=True), ReadingState.READ, key))
            return False
        if rests_until is not None and rests_until > self.now():
            self._wait(claim, rests_until)
            return False
        try:
            question = question_about(reader, self.terms.book, claim.reading)
        except TooCostly:
            self._keep(claim, Kept(ReaderAnswer(missing=Missing.LONG_TEXT), ReadingState.MISSING))
            return False
        if not self._booked(claim):
            return False
        self._ask(claim, reader, question, key)
        return True

    def _wait(self, claim: Claim, rests_until: datetime) -> None:
        """Nobody waits for a reader that rests: neither publishing, nor a person who tries it."""
        reading = claim.reading
        if reading.decide_by is not None or reading.purpose is Purpose.TRY:
            self._keep(claim, Kept(ReaderAnswer(missing=Unasked.RESTING), ReadingState.MISSING))
            return
        with self.database.write() as conn:
            store.postpone(conn, reading, claim.until, to=rests_until, is_tried=False)

    def _booked(self, claim: Claim) -> bool:
        """Whether the day's budget has one more call. Readers' comments go without, and replays wait for tomorrow."""
        reading, now = claim.reading, self.now()
        with self.database.write() as conn:
            if budgets.book(conn, reading.site_id, now.date(), self.terms.budget):
                return True
            if reading.purpose not in LIVE:
                tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
                store.postpone(conn, reading, claim.until, to=tomorrow, is_tried=False)
                return False
        self._keep(claim, Kept(ReaderAnswer(missing=Unasked.BUDGET), ReadingState.MISSING))
        return False

    def _ask(self, claim: Claim, reader: SecondReader, question: RuleQuestion, key: str) -> None:
        reading, booked = claim.reading, self.now().date()
        reply = self.ask(reader, question)
        cost = reader.price(reply.answer.tokens_in, reply.answer.tokens_out)
        answer = replace(reply.answer, cost=cost, host=reader.host, book_version=self.terms.book.version)
        instruments().second_reader_seconds.observe(answer.latency_ms / 1000)
        with self.database.write() as conn:
            replies.pay(conn, reader, reply, booked=booked, now=self.now())
            if reply.may_pass and reading.attempts < len(AGAIN_AFTER):
                store.postpone(conn, reading, claim.until, to=self.now() + AGAIN_AFTER[reading.attempts])
                instruments().second_readings.labels("retried").inc()
                return
        state = ReadingState.READ if answer.missing is None else ReadingState.MISSING
        self._keep(claim, Kept(answer, state, key))

    def _keep(self, claim: Claim, kept: Kept) -> None:
        reading, passed = claim.reading, Passed()
        with self.database.write() as conn:
            try:
                comment = comments.lock(conn, reading.comment_id)  # first, as everybody does
            except NotFound:  # deleted meanwhile, and the reading with it
                return
            answer, state, now = kept.answer, kept.state, self.now()
            is_on = reading.purpose in LIVE and readers.state_of(conn, reading.reader_id) is ReaderState.ON
            counts = is_on and (answer.breaks is None or self._is_tried(conn, reading.reader_id, answer))
            is_first = store.answer(
                conn, reading, claim.until, answer, state=state, key=kept.key, counted=counts, now=now
            )
            if is_first and counts and state is ReadingState.READ:
                passed = act(conn, comment, reading, answer, self.terms.book, now=now)
        passed.count()
        instruments().second_readings.labels(kept.outcome).inc()

    def _is_tried(self, conn: Connection, reader_id: str, answer: ReaderAnswer) -> bool:
        """Whether the model is the one that stood the trial, as servers may put another one behind the same name, and
        the rules' words are those of its replay."""
        return trials.model_of(conn, reader_id) in (None, answer.model) and proofs.is_by(conn, self.terms.book)
