"""A site with a rule book and a second reader, whose answers the test chooses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, new_id
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.insight.checks import drawn_numbers
from moderation.judging.second_reader.attacks import trial
from moderation.judging.second_reader.attacks.injections import attack_texts
from moderation.judging.second_reader.registry import CONTRACTS
from moderation.judging.second_reader.values import RuleQuestion
from moderation.moderators.review import api_decisions
from moderation.pipeline.second_opinions import examining, switching
from moderation.pipeline.second_opinions.asking import DRAWN
from moderation.pipeline.second_opinions.reading import ReadingTurn, Terms
from moderation.pipeline.second_opinions.replies import ReaderReply
from moderation.pipeline.settling.judgements import settle
from moderation.sites import rows as sites
from moderation.sites.rules import rows as rule_books
from moderation.sites.rules import writing as rule_book
from moderation.sites.rules.values import HouseRule
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.tables import second_readers
from moderation.sites.second_readers.values import ReaderState, ReaderWish, SecondReader
from moderation.spine.comments import decision_rows
from moderation.spine.comments import rows as comments
from moderation.spine.second_readings import rows as store
from moderation.spine.second_readings import trial_rows
from moderation.spine.second_readings.tables import second_readings
from moderation.spine.second_readings.trial_rows import ReaderTrial
from moderation.spine.second_readings.values import ReaderAnswer
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom
from tests.moderation.spine.comments.test_door import judge

WISH = ReaderWish(
    name="Llama in the cellar",
    contract="chat",
    base_url="http://127.0.0.1:9/v1",
    model="llama-3",
    masked=False,
    price_in=1.0,
    price_out=4.0,
)
FINE = ReaderAnswer(
    breaks=False, model="llama-3", prompt_hash="p" * 64, calls=1, tokens_in=100, tokens_out=10, latency_ms=900
)
BREAKS = replace(FINE, breaks=True, rule="insults", quote="pathetic little man", score=0.9)
INSULTS = tuple(text for spoken in attack_texts() for text in spoken.insults)
AWAY = ReaderReply(ReaderAnswer(missing="unreachable", calls=1), may_pass=True, has_failed=True)


class Room:
    """A newsroom with a second reader. Time stands still until the test moves it."""

    def __init__(self, newsroom: Newsroom, reader: SecondReader) -> None:
        self.newsroom, self.database, self.site, self.reader = newsroom, newsroom.database, newsroom.site, reader
        self.at = NOON
        self.asked: list[str] = []
        self.replies: Callable[[RuleQuestion], ReaderReply] = lambda _question: ReaderReply(FINE)

    def now(self) -> datetime:
        return self.at

    def says(self, answer: ReaderAnswer | ReaderReply) -> None:
        reply = answer if isinstance(answer, ReaderReply) else ReaderReply(answer)
        self.replies = lambda _question: reply

    def settings(self, **settings: Any) -> None:
        with self.database.write() as conn:
            changed = sites.get_site(conn, self.site.id).settings.changed(**settings)
            sites.update_site_settings(conn, self.site.id, changed)

    def state(self, state: ReaderState) -> None:
        """As it is after all proofs."""
        with self.database.write() as conn:
            mine = second_readers.c.id == self.reader.id
            conn.execute(second_readers.update().where(mine).values(state=state, state_since=self.at))

    def state_now(self) -> ReaderState:
        with self.database.read() as conn:
            return readers.get(conn, self.site.id, self.reader.id).state

    def comment(self, id: str, toxicity: float, text: str = "You pathetic little man, go home.") -> str:
        """One that the policy has decided, by its score."""
        comment = self.newsroom.post(text, id=id, now=self.at).comment
        settle(self.database, [judge(self.database, comment.id, toxicity=toxicity)], now=self.at)
        return comment.id

    def decide(self, id: str, action: Action, reason: str | None = None) -> None:
        with self.database.read() as conn:
            version = comments.get_comment(conn, self.site.id, id).version
        api_decisions.rule(self.database, self.site.id, id, action, version=version, reason=reason, now=self.at)

    def read(self) -> int:
        """Has all read that is due, and returns how often the reader was asked."""
        before = len(self.asked)
        with self.database.read() as conn:
            due = store.due(conn, self.site.id, now=self.at, limit=5_000)
        turn = self.turn()
        for reading in due:
            turn.read(reading)
        return len(self.asked) - before

    def turn(self) -> ReadingTurn:
        with self.database.read() as conn:
            known = {reader.id: reader for reader in readers.of_site(conn, self.site.id)}
            budget = sites.get_site(conn, self.site.id).settings.second_reader_budget
            book = rule_books.read(conn, self.site.id)
        return ReadingTurn(self.database, Terms(known, book, budget), self._ask, self.now)

    def _ask(self, _reader: SecondReader, question: RuleQuestion) -> ReaderReply:
        self.asked.append(question.text)
        return self.replies(question)

    def found(self, comment_id: str) -> Comment:
        with self.database.read() as conn:
            return comments.get_by_id(conn, comment_id)

    def status(self, comment_id: str) -> CommentStatus:
        return self.found(comment_id).status

    def decisions(self, comment_id: str) -> list[Decision]:
        with self.database.read() as conn:
            return decision_rows.decisions_of(conn, comment_id)

    def readings(self) -> list[sa.Row[Any]]:
        with self.database.read() as conn:
            return list(conn.execute(sa.select(second_readings).order_by(second_readings.c.id)))

    def later(self, **passed: float) -> None:
        self.at += timedelta(**passed)


def obedient(question: RuleQuestion) -> bool:
    """Says what a model says that reads the rules of a trial and is turned by nothing."""
    rule = question.rules[0].key
    return any(insult in question.text for insult in INSULTS) if rule == "no-insults" else rule == "all-forbidden"


def pass_trial(
    database: Database, reader: SecondReader, now: datetime, *, says: Callable[[RuleQuestion], bool | None] = obedient
) -> ReaderTrial:
    """As after a trial with these answers."""
    asked = trial.questions(CONTRACTS[reader.wish.contract], attack_texts())
    ended = ReaderTrial(
        id=new_id(),
        site_id=reader.site_id,
        reader_id=reader.id,
        fingerprint=reader.fingerprint,
        model=reader.wish.model,
        host=reader.host,
        prompt_hash=examining.hash_of(reader),
        questions=len(asked),
        started_by=str(OPERATOR),
        started_at=now,
        answers="".join(trial_rows.LETTERS[says(question)] for question in asked),
        ended_at=now,
    )
    with database.write() as conn:
        trial_rows.insert(conn, ended)
    return ended


@pytest.fixture
def room(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Room:
    """The reader is in the shadow, and a site that has any share read has all read."""
    monkeypatch.setattr(drawn_numbers, "drawn_number", lambda _id, purpose="": 0.0 if purpose == DRAWN else 1.0)
    database, site = newsroom.database, newsroom.site
    rule = HouseRule("insults", "No insults", "Be kind.", reason="Insult or abuse")
    rule_book.put_rule(database, site.id, rule, by=OPERATOR, now=NOON)
    reader = connecting.connect(
        database, site.id, WISH, contracts=("chat",), private_addresses=True, by=OPERATOR, now=NOON
    )
    switching.move(database, site.id, reader.id, ReaderState.SHADOW, by=OPERATOR, now=NOON)
    return Room(newsroom, reader)
