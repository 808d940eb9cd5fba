"""The attributes of Perspective, and the signals of ours that answer for them. No number is made up for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_PRODUCTION: Mapping[str, str] = {
    "TOXICITY": "toxicity",
    "SEVERE_TOXICITY": "severe_toxicity",
    "IDENTITY_ATTACK": "identity_attack",
    "INSULT": "insult",
    "PROFANITY": "obscene",
    "THREAT": "threat",
}
OFF_TOPIC = "OFF_TOPIC"
SIGNAL_OF: Mapping[str, str] = {
    **_PRODUCTION,
    **{f"{name}_EXPERIMENTAL": signal for name, signal in _PRODUCTION.items()},
    "SEXUALLY_EXPLICIT": "sexual_explicit",
    "OBSCENE": "obscene",
    "SPAM": "spam",
    OFF_TOPIC: "relevance",  # the other way round, and only where the caller sends what the comment is about
}
"""An attribute that is not here has no model. Weights may lack the signal of one that is here."""

WITHOUT_MODEL = frozenset(
    ["FLIRTATION", "ATTACK_ON_AUTHOR", "ATTACK_ON_COMMENTER", "ATTACK_ON_PUBLISHER", "INCOHERENT", "INFLAMMATORY",
     "LIKELY_TO_REJECT", "UNSUBSTANTIAL", "TOXICITY_FAST",
     *(f"{name}_EXPERIMENTAL" for name in (
         "AFFINITY", "COMPASSION", "CONSTRUCTIVE", "CURIOSITY", "NUANCE", "PERSONAL_STORY", "REASONING", "RESPECT",
         "ALIENATION", "FEARMONGERING", "GENERALIZATION", "MORAL_OUTRAGE", "SCAPEGOATING", "POWER_APPEAL"))]
)  # fmt: skip
"""Attributes that Perspective has or had, and for which Gavel has no signal."""


@dataclass(frozen=True, slots=True)
class Requested:
    """An attribute that a caller asks for."""

    name: str  # without the version that old clients write after it: TOXICITY@6
    threshold: float | None = None

    @property
    def signal(self) -> str | None:
        """None if Gavel has no such signal."""
        return SIGNAL_OF.get(self.name)

    @property
    def map_name(self) -> str:
        """The attribute whose score map applies: that of the production attribute, also for its experimental twin."""
        return self.name.removesuffix("_EXPERIMENTAL")


def requested(name: str, threshold: float | None = None) -> Requested:
    return Requested(name.partition("@")[0], threshold)
