"""Chat completions of vLLM, which has its own name for a schema: it dropped the one that it had before 0.12."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.judging.second_reader import instructions
from moderation.judging.second_reader.contracts.chat import ChatContract
from moderation.judging.second_reader.values import Form, RuleQuestion


@dataclass(frozen=True, slots=True)
class VllmContract(ChatContract):
    name: str = "vllm"
    title: str = "vLLM"

    def form(self, question: RuleQuestion) -> Form:
        return {"structured_outputs": {"json": instructions.schema(question)}}
