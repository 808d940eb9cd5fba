"""Asks a connected model about one comment, by its contract, at an address that Gavel may call. If anything goes
wrong, the answer is missing."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from moderation.ground.environment.own_time import own_time
from moderation.ground.errors import TooCostly
from moderation.ground.webhooks.sending import NotSent, Sender
from moderation.judging.second_reader.answers import combined, read_answer
from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.registry import CONTRACTS, prompt_hash
from moderation.judging.second_reader.values import (
    Call,
    Connection,
    Missing,
    RuleOpinion,
    RuleQuestion,
    RuleText,
    Usage,
    missing,
)
from moderation.judging.text.masked_text import masked
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import BUDGET_S, Budget
from moderation.pipeline.second_opinions.reading import Ask, ReaderReply
from moderation.sites.rules.values import RuleBook
from moderation.sites.second_readers.values import SecondReader
from moderation.spine.second_readings.values import ReaderAnswer, ReadingAsked

PASSING = frozenset({Missing.UNREACHABLE, Missing.LATE, Missing.RESTING, Missing.BUSY, Missing.FAILED})
"""The reasons that may be gone in a minute."""

MOST_BYTES = 1_000_000  # of an answer
MOST_WHY = 150  # characters
MARK_BYTES = 8  # of a fence that nobody guesses


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to one call."""

    opinion: RuleOpinion
    usage: Usage
    bytes_out: int


@dataclass(frozen=True, slots=True)
class ModelCalls:
    """The calls about one comment, which have one deadline together."""

    connection: Connection
    key: str | None
    private_addresses: bool
    began: float  # as of time.monotonic

    def made(self, question: RuleQuestion) -> list[Asked]:
        """In their order, until one gets no answer."""
        asked: list[Asked] = []
        calls = CONTRACTS[self.connection.contract].calls(
            question, self.connection, Fence(secrets.token_hex(MARK_BYTES))
        )
        for call in calls:
            asked.append(self._made(call, question))
            if asked[-1].opinion.missing in (Missing.UNREACHABLE, Missing.LATE):
                break
        return asked

    def _made(self, call: Call, question: RuleQuestion) -> Asked:
        connection, body = self.connection, json.dumps(call.body, ensure_ascii=False).encode()
        left_s = connection.timeout_s - (time.monotonic() - self.began)
        if left_s <= 0:
            return Asked(missing(Missing.LATE), Usage(), 0)
        try:
            sender, url = Sender(left_s, self.private_addresses), _joined(connection.base_url, call.path)
            answer = sender.post(url, body, {**call.headers, **self._authorization()}, reads=MOST_BYTES)
        except NotSent as e:
            return Asked(missing(Missing.UNREACHABLE, str(e)), Usage(), len(body))
        contract = CONTRACTS[connection.contract]
        read = read_answer(contract, connection, question, call, answer.status, answer.body)
        return Asked(*read, len(body))

    def _authorization(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self.key}"} if self.key else {}


def asks(*, private_addresses: bool) -> Ask:
    """Asks any model that a site has connected."""
    return lambda reader, book, reading: _ask(reader, book, reading, private_addresses)


def _ask(reader: SecondReader, book: RuleBook, reading: ReadingAsked, private_addresses: bool) -> ReaderReply:
    began = time.monotonic()
    wish = reader.wish
    connection = Connection(wish.name, wish.contract, wish.base_url, wish.model, masked=wish.masked)
    rules = tuple(RuleText(rule.key, rule.name, f"{rule.sentence}\n{rule.guidance}".strip()) for rule in book.rules)
    try:
        text = _masked(reading) if wish.masked else reading.text
    except TooCostly:
        return ReaderReply(ReaderAnswer(missing=Missing.LONG_TEXT))
    question = RuleQuestion(rules, text, headline=reading.title or None)
    calls = ModelCalls(connection, wish.key, private_addresses, began).made(question)
    opinion = combined([call.opinion for call in calls])
    models = [call.usage.model for call in calls if call.usage.model]
    answer = ReaderAnswer(
        breaks=opinion.breaks,
        rule=opinion.rule,
        quote=opinion.quote,
        score=opinion.score,
        missing=_why(opinion),
        model=models[0] if models else wish.model,
        prompt_hash=prompt_hash(connection, rules),
        calls=len(calls),
        bytes_out=sum(call.bytes_out for call in calls),
        tokens_in=sum(call.usage.tokens_in or 0 for call in calls),
        tokens_out=sum(call.usage.tokens_out or 0 for call in calls),
        latency_ms=round((time.monotonic() - began) * 1000),
    )
    return ReaderReply(answer, may_pass=opinion.missing in PASSING)


def _joined(base_url: str, path: str) -> str:
    return f"{base_url.rstrip('/')}/{path.lstrip('/')}"


def _why(opinion: RuleOpinion) -> str | None:
    if opinion.missing is None:
        return None
    return f"{opinion.missing}: {opinion.detail}"[:MOST_WHY] if opinion.detail else str(opinion.missing)


def _masked(reading: ReadingAsked) -> str:
    """Raises TooCostly."""
    budget = Budget(BUDGET_S, own_time)
    with budget:
        return masked(Reading(reading.text, budget), reading.names)
