"""Ollama's own chat, below the server's address itself. It cuts a prompt that is longer than its context without a
word, so each call asks for a context that is long enough."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.judging.second_reader import instructions
from moderation.judging.second_reader.chat_answers import count_of, name_of
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

LEAST_CONTEXT = 4096  # tokens


@dataclass(frozen=True, slots=True)
class OllamaContract:
    name: str = "ollama"
    title: str = "Ollama"
    asks_each_rule: bool = False
    reads_rules: bool = True

    def calls(self, question: RuleQuestion, connection: Connection, fence: Fence) -> tuple[Call, ...]:
        task, material = instructions.task(question, fence), instructions.material(question, fence)
        most = len(task.encode()) + len(material.encode()) + instructions.MOST_TOKENS  # no token is less than a byte
        body = {
            "model": connection.model,
            "messages": [{"role": "system", "content": task}, {"role": "user", "content": material}],
            "format": instructions.schema(question),
            "options": {
                "temperature": 0,
                "seed": 1,
                "num_predict": instructions.MOST_TOKENS,
                "num_ctx": max(LEAST_CONTEXT, 1 << (most - 1).bit_length()),
            },
            "stream": False,
        }
        return (Call("/api/chat", body),)

    def read(self, answer: Form, _call: Call, question: RuleQuestion) -> RuleOpinion:
        message, reason = answer["message"], answer.get("done_reason")
        if reason == "length":
            raise NoOpinion(Missing.CUT)
        if answer.get("done") is not True or reason not in ("stop", None):
            raise NoOpinion(Missing.UNPARSABLE, "it ended for another reason than its answer")
        words = message.get("content")
        if not isinstance(words, str) or not words.strip():
            raise NoOpinion(Missing.EMPTY, "reasoning only" if message.get("thinking") else "")
        return instructions.read_verdict(words, question)

    def usage(self, answer: Form) -> Usage:
        return Usage(
            name_of(answer.get("model")), count_of(answer, "prompt_eval_count"), count_of(answer, "eval_count")
        )
