"""A contract whose answer is one word out of two, on one rule a call. Its score is how likely the model found the one
against the other, so it needs the log-probabilities."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from moderation.judging.second_reader.chat_answers import (
    CHAT_PATH,
    COMPLETION_PATH,
    chat_usage,
    check_one_token,
    first_token,
    share_of,
)
from moderation.judging.second_reader.errors import NoOpinion
from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.values import (
    Call,
    Connection,
    Form,
    Missing,
    RuleOpinion,
    RuleQuestion,
    RuleText,
    Usage,
)

TOP = 20
LIMIT = 0.5


@dataclass(frozen=True, slots=True)
class OneWordContract(ABC):
    name: str
    title: str
    yes: str
    no: str
    asks_each_rule: bool = True
    reads_rules: bool = True

    def calls(self, question: RuleQuestion, connection: Connection, fence: Fence) -> tuple[Call, ...]:
        return tuple(
            Call(self.path, {"model": connection.model, **self.body(rule, question, fence), **self.limits}, rule.key)
            for rule in question.rules
        )

    @property
    @abstractmethod
    def path(self) -> str: ...

    @property
    @abstractmethod
    def limits(self) -> Form: ...

    @abstractmethod
    def body(self, rule: RuleText, question: RuleQuestion, fence: Fence) -> Form: ...

    def read(self, answer: Form, call: Call, _question: RuleQuestion) -> RuleOpinion:
        check_one_token(answer)
        odds = first_token(answer)
        if not odds:
            raise NoOpinion(Missing.UNPARSABLE, "the answer has no log-probabilities")
        return self.opinion(odds, call)

    def opinion(self, odds: Mapping[str, float], call: Call) -> RuleOpinion:
        score = share_of(odds, self.yes, self.no)
        if score is None:
            raise NoOpinion(Missing.UNCLEAR, f"neither “{self.yes}” nor “{self.no}” is likely")
        breaks = score >= LIMIT
        return RuleOpinion(breaks=breaks, rule=call.rule if breaks else None, score=score)

    def usage(self, answer: Form) -> Usage:
        return chat_usage(answer)


CHAT_LIMITS: Form = {"temperature": 0, "max_tokens": 1, "logprobs": True, "top_logprobs": TOP, "stream": False}
COMPLETION_LIMITS: Form = {"temperature": 0, "max_tokens": 1, "logprobs": TOP, "stream": False}


class OneChatWord(OneWordContract):
    """Asked as a chat: the server writes the marks of turns."""

    __slots__ = ()

    @property
    def path(self) -> str:
        return CHAT_PATH

    @property
    def limits(self) -> Form:
        return CHAT_LIMITS


class OneCompletedWord(OneWordContract):
    """Asked as one text, since the model was trained on a form of its own."""

    __slots__ = ()

    @property
    def path(self) -> str:
        return COMPLETION_PATH

    @property
    def limits(self) -> Form:
        return COMPLETION_LIMITS
