"""Meta's Llama Guard with the rules as its categories, which the server's template writes into the prompt. A server
that does not pass them on judges by categories of its own; the trial finds that out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from moderation.judging.second_reader.chat_answers import CHAT_PATH, chat_usage, chat_words, first_token, share_of
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

_VERDICT = re.compile(r"\s*(?:(safe)|unsafe\s*\n\s*S(\d{1,2})(?:\s*,\s*S\d{1,2})*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LlamaGuardContract:
    name: str = "llama-guard"
    title: str = "Llama Guard"
    asks_each_rule: bool = False
    reads_rules: bool = True

    def calls(self, question: RuleQuestion, connection: Connection, fence: Fence) -> tuple[Call, ...]:
        categories = {
            f"S{number}": f"{rule.name}.\n{' '.join(rule.words.split())}"
            for number, rule in enumerate(question.rules, 1)
        }
        body = {
            "model": connection.model,
            "messages": [{"role": "user", "content": fence.around(question.text)}],
            "chat_template_kwargs": {"categories": categories},
            "temperature": 0,
            "max_tokens": 20,
            "logprobs": True,
            "top_logprobs": 20,
            "stream": False,
        }
        return (Call(CHAT_PATH, body),)

    def read(self, answer: Form, _call: Call, question: RuleQuestion) -> RuleOpinion:
        verdict = _VERDICT.fullmatch(chat_words(answer))
        if verdict is None:
            raise NoOpinion(Missing.UNPARSABLE, "it says neither “safe” nor “unsafe” with a category")
        score = share_of(first_token(answer), "unsafe", "safe")
        if verdict[1]:
            return RuleOpinion(breaks=False, score=score)
        number = int(verdict[2])
        if not 1 <= number <= len(question.rules):
            raise NoOpinion(Missing.UNCLEAR, f"it names S{number}, which is no rule of the book")
        return RuleOpinion(breaks=True, rule=question.rules[number - 1].key, score=score)

    def usage(self, answer: Form) -> Usage:
        return chat_usage(answer)
