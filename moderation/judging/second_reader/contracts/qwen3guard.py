"""Alibaba's Qwen3Guard, which has categories of its own and reads no rules. One of them is politics, which readers of a
newspaper talk about: it does not count alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from moderation.judging.second_reader.chat_answers import CHAT_PATH, chat_usage, chat_words
from moderation.judging.second_reader.errors import NoOpinion
from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.values import (
    Call,
    Connection,
    Form,
    Missing,
    RuleOpinion,
    RuleQuestion,
    Usage,
)

SCORES = {"safe": 0.0, "controversial": 0.5, "unsafe": 1.0}
NOT_COUNTED = {"politically sensitive topics", "copyright violation", "none"}
_VERDICT = re.compile(
    r"\s*Safety:\s*(Safe|Controversial|Unsafe)\s*(?:\n\s*Categories:\s*([^\n]*))?(?:\n\s*Refusal:[^\n]*)?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Qwen3GuardContract:
    """Controversial does not break a rule; it has a score, by which the queue may be ordered."""

    name: str = "qwen3guard"
    title: str = "Qwen3Guard"
    asks_each_rule: bool = False
    reads_rules: bool = False

    def calls(self, question: RuleQuestion, connection: Connection, fence: Fence) -> tuple[Call, ...]:
        body = {
            "model": connection.model,
            "messages": [{"role": "user", "content": fence.around(question.text)}],
            "temperature": 0,
            "max_tokens": 64,
            "stream": False,
        }
        return (Call(CHAT_PATH, body),)

    def read(self, answer: Form, _call: Call, _question: RuleQuestion) -> RuleOpinion:
        verdict = _VERDICT.fullmatch(chat_words(answer))
        if verdict is None:
            raise NoOpinion(Missing.UNPARSABLE, "it has no line “Safety: …”")
        word = verdict[1].lower()
        categories = [name.strip() for name in (verdict[2] or "").split(",") if name.strip()]
        counted = [name for name in categories if name.lower() not in NOT_COUNTED]
        if word == "safe" or (categories and not counted):
            return RuleOpinion(breaks=False, score=0.0)
        return RuleOpinion(breaks=word == "unsafe", score=SCORES[word], category=counted[0] if counted else None)

    def usage(self, answer: Form) -> Usage:
        return chat_usage(answer)
