"""A connection to a second reader, what it is asked, and what it says. The secret key of a connection is no part of
it: it travels beside it, and nothing here can show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Form = Mapping[str, Any]
"""An object of JSON."""


class Missing(StrEnum):
    """The reason why there is no opinion. A comment without one is read by a person."""

    UNREACHABLE = "unreachable"  # no connection, or an address that Gavel does not call
    LATE = "late"
    BUSY = "busy"  # it asked for time: status 429 or 503
    FAILED = "failed"  # its server broke down
    NOT_ACCEPTED = "not accepted"  # another status: a wrong key, an unknown model or parameter
    TOO_BIG = "too big"  # its answer
    UNPARSABLE = "unparsable"  # its answer has another form than its contract says
    EMPTY = "empty"
    CUT = "cut"  # it ran out of tokens
    REFUSED = "refused"  # the model would not answer
    OTHER_MODEL = "other model"  # it answered with another model than the connection names
    UNCLEAR = "unclear"  # neither yes nor no
    LONG_TEXT = "long text"  # the comment, for this contract


@dataclass(frozen=True, slots=True)
class Connection:
    """``masked`` says whether personal data is masked before a comment leaves. Prices are for a million tokens."""

    name: str
    contract: str  # its name in the registry
    base_url: str  # without the path of the call: http://127.0.0.1:8080/v1
    model: str
    timeout_s: float = 20.0  # for all calls about one comment
    masked: bool = True
    price_in: float = 0.0
    price_out: float = 0.0

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1_000_000


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule of the book in words for the model."""

    key: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class RuleQuestion:
    """Whether a comment breaks one of these rules. The text is masked already where that is wished."""

    rules: tuple[RuleText, ...]
    text: str
    headline: str | None = None
    parent: str | None = None  # the comment that this one answers


@dataclass(frozen=True, slots=True)
class Call:
    """One POST below the connection's address: the path begins with a slash. ``rule`` is the key of the rule that it
    asks about, where it asks about one. The headers have no key."""

    path: str
    body: Form
    rule: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleOpinion:
    """Exactly one of ``breaks`` and ``missing`` is set.

    ``rule`` is the key of the rule that the comment is said to break; ``category`` is the model's own word for that,
    where it does not read by the rule book. The ``quote`` stands in the comment as it was asked about. The ``score``
    is from 0 to 1, and None of a contract without one.
    """

    breaks: bool | None = None
    rule: str | None = None
    quote: str | None = None
    score: float | None = None
    category: str | None = None
    missing: Missing | None = None
    detail: str = ""  # of a missing opinion, in words for the operator

    def __post_init__(self) -> None:
        if (self.breaks is None) == (self.missing is None):
            raise ValueError("an opinion says whether a rule is broken, or why it is missing")


@dataclass(frozen=True, slots=True)
class Usage:
    """An answer about itself. Tokens are None if it does not count them."""

    model: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None


@dataclass(frozen=True, slots=True)
class SecondReading:
    """One connection's word on one comment, and its price. ``bytes_out`` are those of all bodies sent."""

    opinion: RuleOpinion
    model: str  # as the answer reports it, or else as it was asked for
    prompt_hash: str
    tokens_in: int = 0
    tokens_out: int = 0
    latency_ms: int = 0
    calls: int = 0
    bytes_out: int = 0


def missing(why: Missing, detail: str = "") -> RuleOpinion:
    return RuleOpinion(missing=why, detail=detail)
