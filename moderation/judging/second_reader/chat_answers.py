"""The parts of an answer to a chat or a completion, in the form that OpenAI gave it and others took over."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moderation.judging.second_reader.errors import NoOpinion
from moderation.judging.second_reader.values import Form, Missing, Usage

CHAT_PATH, COMPLETION_PATH = "/chat/completions", "/completions"


def chat_words(answer: Form) -> str:
    """The model's words, without its reasoning. Raises NoOpinion."""
    choice = _choice(answer)
    message = choice["message"]
    if message.get("refusal"):
        raise NoOpinion(Missing.REFUSED)
    _check_end(choice, may_be_cut=False)
    words = message.get("content")
    if isinstance(words, list):  # in parts, as some servers answer
        words = "".join(part["text"] for part in words if part.get("type") in ("text", "output_text"))
    if not isinstance(words, str) or not words.strip():
        raise NoOpinion(Missing.EMPTY, "reasoning only" if _has_reasoning(message) else "")
    return words


def check_one_token(answer: Form) -> None:
    """Of a chat or a completion that ends after one token, as it was asked to. Raises NoOpinion."""
    choice = _choice(answer)
    if (choice.get("message") or {}).get("refusal"):
        raise NoOpinion(Missing.REFUSED)
    _check_end(choice, may_be_cut=True)


def chat_usage(answer: Form) -> Usage:
    counted = answer.get("usage") or {}
    return Usage(
        name_of(answer.get("model")), count_of(counted, "prompt_tokens"), count_of(counted, "completion_tokens")
    )


def first_token(answer: Form) -> Mapping[str, float]:
    """The probability of each likely first token. Empty if the answer has none."""
    return next((odds for _token, odds in token_odds(answer)), {})


def token_odds(answer: Form) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Each token of the answer, with the probability of each that was likely there, in both forms: that of chats, and
    the older one of completions. Tokens that differ by case and spaces alone count together. Raises NoOpinion."""
    logs = _choice(answer).get("logprobs") or {}
    if logs.get("content"):
        for entry in logs["content"]:
            yield (
                _bare(entry["token"]),
                _odds((top["token"], top["logprob"]) for top in entry.get("top_logprobs") or ()),
            )
    elif logs.get("top_logprobs"):
        for token, tops in zip(logs["tokens"], logs["top_logprobs"], strict=True):
            yield _bare(token), _odds((tops or {}).items())


def _odds(tops: Iterable[tuple[str, Any]]) -> Mapping[str, float]:
    odds: dict[str, float] = {}
    for token, log in tops:
        if isinstance(log, bool) or not isinstance(log, int | float) or not log <= 1e-6:  # not a number, too
            raise NoOpinion(Missing.UNPARSABLE, "a log-probability is no number below zero")
        odds[_bare(token)] = odds.get(_bare(token), 0.0) + math.exp(log)
    return odds


def _bare(token: str) -> str:
    return token.strip(" \n\t▁Ġ").lower()


def share_of(odds: Mapping[str, float], yes: str, no: str) -> float | None:
    """P(yes) of the two, or None if neither is among the likely tokens."""
    total = odds.get(yes, 0.0) + odds.get(no, 0.0)
    return odds.get(yes, 0.0) / total if total > 0 else None


def name_of(model: Any) -> str | None:
    return model if isinstance(model, str) and model else None


def count_of(counted: Form, name: str) -> int | None:
    number = counted.get(name)
    return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None


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
