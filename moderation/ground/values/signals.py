"""Evidence about a text: signals, the passages that carry them, and the text's vector."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Of(StrEnum):
    """The text that a span points into."""

    COMMENT = "comment"
    TITLE = "title"
    SUMMARY = "summary"
    ARTICLE = "article"
    PARENT = "parent"


@dataclass(frozen=True, slots=True)
class Span:
    """A passage of a text that carries a signal. Positions are in characters, and the end is exclusive."""

    start: int
    end: int
    weight: float = 1.0  # its share of the signal, 0..1
    of: Of = Of.COMMENT
    quote: str | None = None  # kept where the text may change later, as articles do


@dataclass(frozen=True, slots=True)
class LikelyReason:
    """A reason for which a newsroom's people would reject the text, by their own model."""

    reason: str  # the site's name for it
    probability: float


@dataclass(frozen=True, slots=True)
class Signal:
    """One piece of evidence. Exactly one of ``value`` and ``abstained`` is set, or neither: then it is missing.

    A signal abstains with a reason (``"too short"``, ``"language: sw"``) when it works but cannot judge this text.
    Only the house model names ``likely`` reasons, the likeliest first. ``in_part`` has the texts of which only a
    sample was read, since they are too long.
    """

    name: str
    value: float | None
    source: str  # what computed it, e.g. "toxicity-minilm@3f2a9c" or "rules"
    abstained: str | None = None
    evidence: tuple[Span, ...] = ()
    likely: tuple[LikelyReason, ...] = ()
    in_part: tuple[Of, ...] = ()

    def __post_init__(self) -> None:
        if self.value is not None and self.abstained is not None:
            raise ValueError(f"signal {self.name} has a value and abstains")


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as a direction: a unit vector times 127, one signed byte for each number.

    ``space`` names the encoder and its version. Vectors of two spaces must not be compared.
    """

    space: str
    numbers: bytes
