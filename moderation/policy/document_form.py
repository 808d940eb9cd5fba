"""The form of a policy's document: its fields, and the values that each may hold. It reads on past a wrong field, so
that an editor mends all in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from moderation.model import Action
from moderation.signals.registry import RULED, SIGNALS
from moderation.signals.spec import SignalSpec
from moderation.text.words import is_searchable

MAX_RULES = 200  # in the whole document, overrides included
MAX_CONDITIONS = 5  # in one rule
MAX_WORDS = 5_000  # in each list
MAX_WORD_CHARS = 100
MAX_LABEL_CHARS = 200
MAX_OVERRIDES = 1_000  # sections, and articles
MAX_KEY_CHARS = 200
MIN_STEM_CHARS = 3

BOUNDS = ("at_least", "below")
SINGLE, COMBINED = "single", "combined"


@dataclass(slots=True)
class Reading:
    """What must be known of the parts of a document that were read before."""

    rules: int = 0
    action: Action | None = None  # of the rule whose conditions are read


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
    if name not in RULED:
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


def _few_words(value: object) -> object:
    if isinstance(value, list | tuple) and len(value) > MAX_WORDS:
        raise ValueError(f"holds {len(value)} words and may hold {MAX_WORDS}")
    return value


def _few_rules(value: object, info: ValidationInfo[Reading]) -> object:
    if isinstance(value, list | tuple):
        reading = info.context
        reading.rules += len(value)
        if reading.rules > MAX_RULES:
            raise ValueError(f"brings the policy to {reading.rules} rules and it may hold {MAX_RULES}")
    return value


def _few_named(value: object) -> object:
    if isinstance(value, Mapping):
        if len(value) > MAX_OVERRIDES:
            raise ValueError(f"holds {len(value)} and may hold {MAX_OVERRIDES}")
        if not all(0 < len(name) <= MAX_KEY_CHARS for name in value):
            raise ValueError(f"has a name that is not of 1 to {MAX_KEY_CHARS} characters")
    return value


_MEANINGS = "\n".join(f"- `{name}`: {spec.meaning}" for name, spec in SIGNALS.items())
SignalName = Annotated[
    str, BeforeValidator(_signal), Field(description=_MEANINGS, json_schema_extra={"enum": list(SIGNALS)})
]
RuledName = Annotated[
    str, BeforeValidator(_ruled), Field(description=_MEANINGS, json_schema_extra={"enum": list(RULED)})
]
DroppedName = Annotated[
    str, BeforeValidator(_signal), Field(description=_MEANINGS, json_schema_extra={"enum": list(RULED)})
]
ActionName = Annotated[Action, BeforeValidator(_action)]
DefaultAction = Annotated[Action, BeforeValidator(_default), Field(json_schema_extra={"enum": ["publish", "flag"]})]
Label = Annotated[str, BeforeValidator(_label), Field(max_length=MAX_LABEL_CHARS)]
Words = Annotated[list[Annotated[str, BeforeValidator(_word)]], BeforeValidator(_few_words)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Acting(_Form):
    """The action is known before the conditions are read, since it says which way they must point."""

    @model_validator(mode="before")
    @classmethod
    def _note_action(cls, value: Any, info: ValidationInfo[Reading]) -> Any:
        given = value.get("action") if isinstance(value, Mapping) else None
        info.context.action = Action(given) if isinstance(given, str) and given in tuple(Action) else None
        return value


class RuleCondition(_Form):
    """The signal is at or above `at_least`, or below `below`: exactly one of these."""

    signal: RuledName
    at_least: float | int | None = None
    below: float | int | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_bound(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and sum(value.get(bound) is not None for bound in BOUNDS) != 1:
            raise ValueError("needs one of at_least and below")
        return value

    @field_validator(*BOUNDS, mode="before")
    @classmethod
    def _fitting(cls, value: object, info: ValidationInfo[Reading]) -> object:
        if value is not None:
            spec = SIGNALS.get(info.data.get("signal", ""))
            _check_limit(value, spec)
            _check_direction(info.field_name or "", spec, info.context.action)
        return value


class PolicyRule(_Acting, RuleCondition):
    """Take the action if the signal is at or above `at_least`, or below `below`."""

    action: ActionName
    label: Label = ""


class CombinedRule(_Acting):
    """Take the action if all conditions hold. A signal that abstains or is missing fires nothing."""

    all: Annotated[list[RuleCondition], Field(min_length=2, max_length=MAX_CONDITIONS)]
    action: ActionName
    label: Label = ""

    @field_validator("all")
    @classmethod
    def _each_signal_once(cls, conditions: list[RuleCondition]) -> list[RuleCondition]:
        names = [condition.signal for condition in conditions]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"names {name} more than once")
        return conditions


def _kind(value: object) -> str:
    return COMBINED if isinstance(value, Mapping) and "all" in value else SINGLE


AnyRule = Annotated[
    Annotated[PolicyRule, Tag(SINGLE)] | Annotated[CombinedRule, Tag(COMBINED)],
    Discriminator(_kind),
]
Rules = Annotated[list[AnyRule], BeforeValidator(_few_rules)]


class PolicyOverride(_Form):
    """For one section or article: rules that replace the site's on the same signals, and signals without a rule."""

    rules: Rules = Field(default_factory=list)
    without: list[DroppedName] = Field(default_factory=list)

    @field_validator("without")
    @classmethod
    def _dropped(cls, without: list[str], info: ValidationInfo) -> list[str]:
        ruled = {name for rule in info.data.get("rules", ()) for name in signals_of(rule)}
        for name in without:
            if name in ruled:
                raise ValueError(f"drops {name}, which the rules beside it name")
            if name not in RULED:
                raise ValueError(f"cannot drop {name}: a language without a model goes to a person")
        return without


Overrides = Annotated[dict[str, PolicyOverride], BeforeValidator(_few_named)]


class Document(_Form):
    """A whole policy. A ``version`` is what its reader saw; the store gives the next one."""

    version: Any = None
    rules: Rules
    required: list[SignalName]
    default: DefaultAction = Action.PUBLISH
    banned_words: Words = Field(default_factory=list)
    suspect_words: Words = Field(default_factory=list)
    sections: Overrides = Field(default_factory=dict)
    articles: Overrides = Field(default_factory=dict)


def signals_of(rule: PolicyRule | CombinedRule) -> list[str]:
    return [condition.signal for condition in conditions_of(rule)]


def conditions_of(rule: PolicyRule | CombinedRule) -> list[RuleCondition]:
    return rule.all if isinstance(rule, CombinedRule) else [rule]


def _check_limit(value: object, spec: SignalSpec | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a number")
    if spec and spec.scale == "score" and not 0 <= value <= 1:
        raise ValueError("is not between 0 and 1")
    if spec and spec.scale == "count" and not (1 <= value <= 1e9 and value == int(value)):
        raise ValueError("is not a whole number from 1 up")


def _check_direction(bound: str, spec: SignalSpec | None, action: Action | None) -> None:
    if spec and action and bound != (needed := spec.bound_for(action)):
        better = f"would {action} the better comments: {spec.name} is worse when {spec.worse}"
        raise ValueError(f"{better}, so use {needed}")
