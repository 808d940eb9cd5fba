"""The parts of an answer to a chat or a completion, in the form that OpenAI gave it and others took over."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from moderation.judging.second_reader.errors import NoOpinion
from moderation.judging.second_reader.values import Form, Missing, Usage

CHAT_PATH, COMPLETION_PATH = "chat/completions", "completions"


def chat_words(answer: Form, *, may_be_cut: bool = False) -> str:
    """The model's words, without its reasoning. Raises NoOpinion. ``may_be_cut`` of a contract that asks for one token
    and needs no more."""
    choice = _choice(answer)
    message = choice["message"]
    if message.get("refusal"):
        raise NoOpinion(Missing.REFUSED)
    _check_end(choice, may_be_cut=may_be_cut)
    words = message.get("content")
    if isinstance(words, list):  # in parts, as some servers answer
        words = "".join(part["text"] for part in words if part.get("type") in ("text", "output_text"))
    if not isinstance(words, str) or not words.strip():
        raise NoOpinion(Missing.EMPTY, "reasoning only" if _has_reasoning(message) else "")
    return words


def completion_words(answer: Form) -> str:
    """Of one token. Raises NoOpinion."""
    choice = _choice(answer)
    _check_end(choice, may_be_cut=True)
    words = choice.get("text")
    if not isinstance(words, str) or not words.strip():
        raise NoOpinion(Missing.EMPTY)
    return words


def chat_usage(answer: Form) -> Usage:
    counted = answer.get("usage") or {}
    return Usage(_name(answer.get("model")), _count(counted, "prompt_tokens"), _count(counted, "completion_tokens"))


def first_token(answer: Form) -> Mapping[str, float]:
    """The probability of each likely first token, in both forms: that of chats, and the older one of completions.
    Tokens that differ by case and spaces alone count together. Empty if the answer has none."""
    logs = _choice(answer).get("logprobs") or {}
    pairs: list[tuple[str, float]] = []
    if logs.get("content"):
        pairs = [(entry["token"], entry["logprob"]) for entry in logs["content"][0].get("top_logprobs") or ()]
    elif logs.get("top_logprobs"):
        pairs = list((logs["top_logprobs"][0] or {}).items())
    odds: dict[str, float] = {}
    for token, log in pairs:
        if isinstance(log, bool) or not isinstance(log, int | float) or math.isnan(log) or log > 1e-6:
            raise NoOpinion(Missing.UNPARSABLE, "a log-probability is no number below zero")
        name = token.strip(" \n\t▁Ġ").lower()
        odds[name] = odds.get(name, 0.0) + math.exp(log)
    return odds


def share_of(odds: Mapping[str, float], yes: str, no: str) -> float | None:
    """P(yes) of the two, or None if neither is among the likely tokens."""
    total = odds.get(yes, 0.0) + odds.get(no, 0.0)
    return odds.get(yes, 0.0) / total if total > 0 else None


def _choice(answer: Form) -> Form:
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        raise NoOpinion(Missing.UNPARSABLE, "the answer has no choices")
    choice = choices[0]
    if not isinstance(choice, Mapping):
        raise NoOpinion(Missing.UNPARSABLE, "a choice is no object")
    return choice


def _check_end(choice: Form, *, may_be_cut: bool) -> None:
    reason = choice.get("finish_reason")
    if reason == "content_filter":
        raise NoOpinion(Missing.REFUSED, "the service's own filter")
    if reason == "length" and not may_be_cut:
        raise NoOpinion(Missing.CUT)
    if reason not in ("stop", "length", "eos", None):
        raise NoOpinion(Missing.UNPARSABLE, "it ended for another reason than its answer")


def _has_reasoning(message: Form) -> bool:
    return bool(message.get("reasoning_content") or message.get("reasoning"))


def _name(model: Any) -> str | None:
    return model if isinstance(model, str) and model else None


def _count(counted: Form, name: str) -> int | None:
    number = counted.get(name)
    return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None
