"""OpenAI's Responses, for models that reason: these refuse a temperature, and spend tokens before they answer. Nothing
is stored there."""

from __future__ import annotations

from collections.abc import Iterator
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

MOST_TOKENS = 2_000  # with those of the reasoning


@dataclass(frozen=True, slots=True)
class ResponsesContract:
    name: str = "responses"
    title: str = "OpenAI Responses"
    asks_each_rule: bool = False
    reads_rules: bool = True

    def calls(self, question: RuleQuestion, connection: Connection, fence: Fence) -> tuple[Call, ...]:
        schema = {
            "type": "json_schema",
            "name": instructions.SCHEMA_NAME,
            "strict": True,
            "schema": instructions.strict_schema(question),
        }
        body = {
            "model": connection.model,
            "instructions": instructions.task(question, fence),
            "input": [{"role": "user", "content": instructions.material(question, fence)}],
            "text": {"format": schema},
            "max_output_tokens": MOST_TOKENS,
            "store": False,
            "stream": False,
        }
        return (Call("/responses", body),)

    def read(self, answer: Form, _call: Call, question: RuleQuestion) -> RuleOpinion:
        if answer.get("status") == "incomplete":
            why = (answer.get("incomplete_details") or {}).get("reason")
            raise NoOpinion(Missing.CUT if why == "max_output_tokens" else Missing.REFUSED, str(why or ""))
        if answer.get("status") != "completed":
            raise NoOpinion(Missing.FAILED, "the response was not completed")
        parts = list(_parts(answer))
        if any(part.get("type") == "refusal" for part in parts):
            raise NoOpinion(Missing.REFUSED)
        words = "".join(part["text"] for part in parts if part.get("type") == "output_text")
        return instructions.read_verdict(words, question)

    def usage(self, answer: Form) -> Usage:
        counted = answer.get("usage") or {}
        return Usage(
            name_of(answer.get("model")), count_of(counted, "input_tokens"), count_of(counted, "output_tokens")
        )


def _parts(answer: Form) -> Iterator[Form]:
    """Of its messages; reasoning stands beside them."""
    for item in answer["output"]:
        if item.get("type") == "message":
            yield from item["content"]
