"""Asks a connected model about one comment, by its contract, at an address that Gavel may call. If anything goes
wrong, the answer is missing."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus

from moderation.ground.environment.clock import utc_now
from moderation.ground.webhooks.sending import NotSent, Sender, TooSlow
from moderation.judging.second_reader.answers import combined, read_answer
from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.registry import CONTRACTS, prompt_hash
from moderation.judging.second_reader.values import (
    Call,
    Connection,
    Missing,
    RuleOpinion,
    RuleQuestion,
    Usage,
    missing,
)
from moderation.pipeline.second_opinions import resting
from moderation.pipeline.second_opinions.replies import Ask, ReaderReply
from moderation.sites.second_readers.values import SecondReader
from moderation.spine.second_readings.values import ReaderAnswer

PASSING = frozenset({Missing.UNREACHABLE, Missing.LATE, Missing.BUSY, Missing.FAILED})
"""The reasons that may be gone in a minute."""

FAILURES = PASSING | {Missing.NOT_ACCEPTED}
"""The reasons that the next call would meet, too."""

TIMEOUT_S = 20.0  # for all calls about one comment
MOST_BYTES = 1_000_000  # of an answer
MOST_WHY = 150  # characters
MARK_BYTES = 8  # of a fence that nobody guesses
BYTES_A_TOKEN = 3  # of a server that does not count: rather too many tokens than too few for a budget


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to one call."""

    opinion: RuleOpinion
    usage: Usage
    bytes_out: int
    asked_rest: timedelta | None = None


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
            if asked[-1].opinion.missing in FAILURES:
                break
        return asked

    def _made(self, call: Call, question: RuleQuestion) -> Asked:
        connection, body = self.connection, json.dumps(call.body, ensure_ascii=False).encode()
        left_s = connection.timeout_s - (time.monotonic() - self.began)
        if left_s <= 0:
            return Asked(missing(Missing.LATE), Usage(), 0)
        try:
            sender = Sender(left_s, self.private_addresses, called="the model")
            url = _joined(connection.base_url, call.path)
            answer = sender.post(url, body, {**call.headers, **self._authorization()}, reads=MOST_BYTES)
        except NotSent as e:
            why = Missing.LATE if isinstance(e, TooSlow) else Missing.UNREACHABLE
            return Asked(missing(why, str(e)), Usage(), len(body))
        contract = CONTRACTS[connection.contract]
        opinion, usage = read_answer(contract, connection, question, call, answer.status, answer.body)
        if answer.status == HTTPStatus.OK and usage.tokens_in is None:
            usage = replace(usage, tokens_in=len(body) // BYTES_A_TOKEN)
        rest = resting.asked_rest(answer.status, answer.headers, utc_now())
        return Asked(opinion, usage, len(body), rest)

    def _authorization(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self.key}"} if self.key else {}


def asks(*, private_addresses: bool, timeout_s: float = TIMEOUT_S) -> Ask:
    """Asks any model that a site has connected. Fewer seconds than a reading is claimed for."""
    return lambda reader, question: _ask(reader, question, private_addresses, timeout_s)


def _ask(reader: SecondReader, question: RuleQuestion, private_addresses: bool, timeout_s: float) -> ReaderReply:
    began = time.monotonic()
    wish = reader.wish
    connection = Connection(wish.name, wish.contract, wish.base_url, wish.model, timeout_s, masked=wish.masked)
    calls = ModelCalls(connection, wish.key, private_addresses, began).made(question)
    opinion = combined([call.opinion for call in calls])
    models = [call.usage.model for call in calls if call.usage.model]
    answer = ReaderAnswer(
        breaks=opinion.breaks,
        rule=opinion.rule,
        quote=opinion.quote,
        score=opinion.score,
        missing=_why(opinion, wish.key),
        model=models[0] if models else wish.model,
        prompt_hash=prompt_hash(connection, question.rules),
        calls=len(calls),
        bytes_out=sum(call.bytes_out for call in calls),
        tokens_in=sum(call.usage.tokens_in or 0 for call in calls),
        tokens_out=sum(call.usage.tokens_out or 0 for call in calls),
        latency_ms=round((time.monotonic() - began) * 1000),
    )
    return ReaderReply(
        answer,
        may_pass=opinion.missing in PASSING,
        has_failed=any(call.opinion.missing in FAILURES for call in calls),
        asked_rest=next((call.asked_rest for call in calls if call.asked_rest is not None), None),
    )


def _joined(base_url: str, path: str) -> str:
    return f"{base_url.rstrip('/')}/{path.lstrip('/')}"


def _why(opinion: RuleOpinion, key: str | None) -> str | None:
    """Without the key, which some servers repeat when they refuse it."""
    if opinion.missing is None:
        return None
    detail = opinion.detail.replace(key, "…") if key else opinion.detail
    return f"{opinion.missing}: {detail}"[:MOST_WHY] if detail else str(opinion.missing)
