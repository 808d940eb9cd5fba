"""The single values of a policy's document: what each may be, and the sentence that refuses it. The sentence goes on
from the field's name."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from moderation.ground.values.statuses import Action
from moderation.judging.signals.registry import FOR_RULES, SIGNALS
from moderation.judging.signals.spec import SignalSpec
from moderation.judging.text.contacts.domains import host_of
from moderation.judging.text.lists.listed_words import is_searchable

MAX_WORDS = 5_000  # in each list
MAX_WORD_CHARS = 100
MAX_LABEL_CHARS = 200
MIN_STEM_CHARS = 3


def _action(value: object) -> Action:
    return _one_of(value, tuple(Action))


def _default(value: object) -> Action:
    return _one_of(value, (Action.PUBLISH, Action.FLAG))


def _one_of(value: object, choices: tuple[Action, ...]) -> Action:
    if isinstance(value, str) and value in choices:
        return Action(value)
    raise ValueError(f"is not one of {', '.join(choices)}")


def _signal(value: object) -> str:
    if isinstance(value, str) and value in SIGNALS:
        return value
    raise ValueError(f"is not a signal: {repr(value)[:60]}")


def _ruled(value: object) -> str:
    name = _signal(value)
    if name not in FOR_RULES:
        raise ValueError("cannot be ruled on: a language without a model always goes to a person")
    return name


def _label(value: object) -> str:
    if isinstance(value, str) and len(value) <= MAX_LABEL_CHARS:
        return value
    raise ValueError(f"is not a text of at most {MAX_LABEL_CHARS} characters")


def _word(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= MAX_WORD_CHARS:
        raise ValueError(f"is not a text of 1 to {MAX_WORD_CHARS} characters")
    word = value.strip()
    stem = word.removesuffix("*")
    if "*" in stem:
        raise ValueError("may have * only at its end")
    if stem != word and len(stem) < MIN_STEM_CHARS:
        raise ValueError(f"needs {MIN_STEM_CHARS} characters before *")
    if not is_searchable(stem):
        raise ValueError("holds nothing to look for")
    return word


def _domain(value: object) -> str:
    host = host_of(value) if isinstance(value, str) and not re.search(r"[/@:\s]", value.strip()) else None
    if host is None:
        raise ValueError("is not a domain such as example.org")
    return host


def _few_words(value: object) -> object:
    if isinstance(value, list | tuple) and len(value) > MAX_WORDS:
        raise ValueError(f"holds {len(value)} words and may hold {MAX_WORDS}")
    return value


def _few_domains(value: object) -> object:
    if isinstance(value, list | tuple) and len(value) > MAX_WORDS:
        raise ValueError(f"holds {len(value)} domains and may hold {MAX_WORDS}")
    return value


_MEANINGS = "\n".join(f"- `{name}`: {spec.meaning}" for name, spec in SIGNALS.items())
SignalName = Annotated[
    str, BeforeValidator(_signal), Field(description=_MEANINGS, json_schema_extra={"enum": list(SIGNALS)})
]
RuledName = Annotated[
    str, BeforeValidator(_ruled), Field(description=_MEANINGS, json_schema_extra={"enum": list(FOR_RULES)})
]
DroppedName = Annotated[
    str, BeforeValidator(_signal), Field(description=_MEANINGS, json_schema_extra={"enum": list(FOR_RULES)})
]
ActionName = Annotated[Action, BeforeValidator(_action)]
DefaultAction = Annotated[Action, BeforeValidator(_default), Field(json_schema_extra={"enum": ["publish", "flag"]})]
Label = Annotated[str, BeforeValidator(_label), Field(max_length=MAX_LABEL_CHARS)]
Words = Annotated[list[Annotated[str, BeforeValidator(_word)]], BeforeValidator(_few_words)]


Domains = Annotated[list[Annotated[str, BeforeValidator(_domain)]], BeforeValidator(_few_domains)]


def check_limit(value: object, spec: SignalSpec | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a number")
    if spec and spec.scale == "score" and not 0 <= value <= 1:
        raise ValueError("is not between 0 and 1")
    if spec and spec.scale == "count" and not (1 <= value <= 1e9 and value == int(value)):
        raise ValueError("is not a whole number from 1 up")


def check_direction(bound: str, spec: SignalSpec | None, action: Action | None) -> None:
    if spec and action and bound != (needed := spec.bound_for(action)):
        better = f"would {action} the better comments: {spec.name} is worse when {spec.worse}"
        raise ValueError(f"{better}, so use {needed}")
