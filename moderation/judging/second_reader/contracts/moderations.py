"""The moderation endpoints of OpenAI and Mistral. They have categories of their own and read no rules, and their makers
change a model behind the name “latest” without a word: so a version is pinned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moderation.judging.second_reader.chat_answers import chat_usage
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


@dataclass(frozen=True, slots=True)
class ModerationsContract:
    """The input is the comment alone: there is nothing that a fence could keep it from."""

    name: str
    title: str
    takes_list: bool
    asks_each_rule: bool = False
    reads_rules: bool = False

    def calls(self, question: RuleQuestion, connection: Connection, fence: Fence) -> tuple[Call, ...]:
        text = fence.inside(question.text)
        body = {"model": connection.model, "input": [text] if self.takes_list else text}
        return (Call("/moderations", body),)

    def read(self, answer: Form, _call: Call, _question: RuleQuestion) -> RuleOpinion:
        (result,) = answer["results"]
        flags, scores = _of(result["categories"], bool), _of(result["category_scores"], float)
        if flags.keys() != scores.keys() or not flags:
            raise NoOpinion(Missing.UNPARSABLE, "its categories and its scores differ")
        named = [name for name, is_flagged in flags.items() if is_flagged]
        if isinstance(flagged := result.get("flagged"), bool) and flagged != bool(named):
            raise NoOpinion(
                Missing.UNCLEAR, "it flags the text, and no category" if flagged else "it flags a category only"
            )
        worst = max(named or scores, key=lambda name: scores[name])
        return RuleOpinion(breaks=bool(named), score=scores[worst], category=worst if named else None)

    def usage(self, answer: Form) -> Usage:
        return chat_usage(answer)


def _of(named: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """Raises NoOpinion where a value is no share from 0 to 1, or no truth value."""
    for value in named.values():
        is_right = isinstance(value, bool) if kind is bool else _is_share(value)
        if not is_right:
            raise NoOpinion(Missing.UNPARSABLE, "a category has another value than the contract says")
    return dict(named)


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


OPENAI_MODERATIONS = ModerationsContract("openai-moderations", "OpenAI moderations", takes_list=False)
MISTRAL_MODERATIONS = ModerationsContract("mistral-moderations", "Mistral moderations", takes_list=True)
