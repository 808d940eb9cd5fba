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
    StrictBool,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from moderation.ground.values.statuses import Action
from moderation.judging.policy.document_fields import (
    ActionName,
    DefaultAction,
    Domains,
    DroppedName,
    Label,
    RuledName,
    SignalName,
    Words,
    check_direction,
    check_limit,
)
from moderation.judging.signals.registry import FOR_RULES, SIGNALS

MAX_RULES = 200  # in the whole document, overrides included
MAX_CONDITIONS = 5  # in one rule
MAX_OVERRIDES = 1_000  # sections, and articles
MAX_KEY_CHARS = 200

BOUNDS = ("at_least", "below")
SINGLE, COMBINED = "single", "combined"


@dataclass(slots=True)
class PartsRead:
    """The parts of a document that were read before and that the next one depends on."""

    rules: int = 0
    action: Action | None = None  # of the rule whose conditions are read


def _few_rules(value: object, info: ValidationInfo[PartsRead]) -> object:
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


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Acting(_Form):
    """The action is known before the conditions are read, since it says which way they must point."""

    @model_validator(mode="before")
    @classmethod
    def _note_action(cls, value: Any, info: ValidationInfo[PartsRead]) -> Any:
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
    def _fitting(cls, value: object, info: ValidationInfo[PartsRead]) -> object:
        if value is not None:
            spec = SIGNALS.get(info.data.get("signal", ""))
            check_limit(value, spec)
            check_direction(info.field_name or "", spec, info.context.action)
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
            if name not in FOR_RULES:
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
    shipped_words: StrictBool = True
    blocked_domains: Domains = Field(default_factory=list)
    allowed_domains: Domains = Field(default_factory=list)
    sections: Overrides = Field(default_factory=dict)
    articles: Overrides = Field(default_factory=dict)


def signals_of(rule: PolicyRule | CombinedRule) -> list[str]:
    return [condition.signal for condition in conditions_of(rule)]


def conditions_of(rule: PolicyRule | CombinedRule) -> list[RuleCondition]:
    return rule.all if isinstance(rule, CombinedRule) else [rule]
