"""Chat completions with a schema for the answer, as OpenAI, llama.cpp, LM Studio and most others speak them."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.judging.second_reader import instructions
from moderation.judging.second_reader.chat_answers import CHAT_PATH, chat_usage, chat_words
from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.values import Call, Connection, Form, RuleOpinion, RuleQuestion, Usage


@dataclass(frozen=True, slots=True)
class ChatContract:
    """llama.cpp refuses a schema beside a grammar, so none is sent."""

    name: str = "chat"
    title: str = "OpenAI-compatible chat"
    asks_each_rule: bool = False
    reads_rules: bool = True

    def calls(self, question: RuleQuestion, connection: Connection, fence: Fence) -> tuple[Call, ...]:
        return (Call(CHAT_PATH, {**self.body(question, connection, fence), **self.form(question)}),)

    def body(self, question: RuleQuestion, connection: Connection, fence: Fence) -> Form:
        return {
            "model": connection.model,
            "messages": [
                {"role": "system", "content": instructions.task(question, fence)},
                {"role": "user", "content": instructions.material(question, fence)},
            ],
            "temperature": 0,
            "max_tokens": instructions.MOST_TOKENS,
            "stream": False,
        }

    def form(self, question: RuleQuestion) -> Form:
        schema = {
            "name": instructions.SCHEMA_NAME,
            "strict": True,
            "schema": instructions.strict_schema(question),
        }
        return {"response_format": {"type": "json_schema", "json_schema": schema}}

    def read(self, answer: Form, _call: Call, question: RuleQuestion) -> RuleOpinion:
        return instructions.read_verdict(chat_words(answer), question)

    def usage(self, answer: Form) -> Usage:
        return chat_usage(answer)
