"""OpenAI's gpt-oss-safeguard: the rule as the developer's message, the comment as the user's. The server's template
writes harmony. Several rules in one message cost it accuracy, so each has its own call."""

from __future__ import annotations

from dataclasses import dataclass, replace

from moderation.judging.second_reader import instructions
from moderation.judging.second_reader.chat_answers import CHAT_PATH, chat_usage, chat_words
from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.values import (
    Call,
    Connection,
    Form,
    RuleOpinion,
    RuleQuestion,
    Usage,
)

MOST_TOKENS = 2_000  # with those of the reasoning, which nobody is shown


@dataclass(frozen=True, slots=True)
class GptOssSafeguardContract:
    name: str = "gpt-oss-safeguard"
    title: str = "gpt-oss-safeguard"
    asks_each_rule: bool = True
    reads_rules: bool = True

    def calls(self, question: RuleQuestion, connection: Connection, fence: Fence) -> tuple[Call, ...]:
        alone = [replace(question, rules=(rule,)) for rule in question.rules]
        return tuple(
            Call(CHAT_PATH, self._body(about_one, connection, fence), about_one.rules[0].key) for about_one in alone
        )

    def _body(self, question: RuleQuestion, connection: Connection, fence: Fence) -> Form:
        return {
            "model": connection.model,
            "messages": [
                {"role": "developer", "content": instructions.task(question, fence)},
                {"role": "user", "content": instructions.material(question, fence)},
            ],
            "reasoning_effort": "low",
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
            "stream": False,
        }

    def read(self, answer: Form, _call: Call, question: RuleQuestion) -> RuleOpinion:
        return instructions.read_verdict(chat_words(answer), question)

    def usage(self, answer: Form) -> Usage:
        return chat_usage(answer)
