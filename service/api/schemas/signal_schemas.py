"""Evidence and reasons, in the core's JSON form."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from moderation.ground.values.signals import Of
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import ReasonCode
from moderation.judging.signals.registry import SIGNALS


class Span(BaseModel):
    """A passage of a text: positions in characters, `end` exclusive."""

    of: Of
    start: int
    end: int
    weight: float
    quote: str | None = None


class Signal(BaseModel):
    """Evidence: a value, or why there is none."""

    name: Annotated[str, Field(examples=list(SIGNALS))]
    value: float | None
    abstained: str | None
    source: str
    evidence: list[Span]
    in_part: Annotated[list[Of] | None, Field(description="The texts of which a sample was read: too long")] = None


class ReasonPart(BaseModel):
    """One of several signals that a rule looks at, with the value beside the limit."""

    signal: str
    value: float | None
    bound: Literal["at_least", "below"] | None
    limit: float | None
    evidence: list[Span]


class Reason(BaseModel):
    """A reason for the decision, with the value beside the limit. If the rule looks at several signals, `parts` has a
    value and a limit for each."""

    code: ReasonCode
    action: Action
    signal: str | None
    value: float | None
    bound: Literal["at_least", "below"] | None
    limit: float | None
    label: str
    detail: str
    evidence: list[Span]
    parts: list[ReasonPart] = Field(default_factory=list)
