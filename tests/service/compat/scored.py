"""A scoring process that answers what a test says, in the place of the one that a service asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flask import Flask

from moderation.ground.values.signals import Signal
from moderation.pipeline.drafts.messages import ScoredText, ScoringAnswer, Text
from service.context import EXTENSION

HARMLESS = {
    "toxicity": 0.1, "severe_toxicity": 0.01, "obscene": 0.1, "threat": 0.01, "insult": 0.1, "identity_attack": 0.02,
    "spam": 0.05, "language.supported": 1.0,
}  # fmt: skip
Says = Mapping[str, float] | str  # values of signals, or the reason why the toxicity signals abstain


class FakeScoring:
    """``says`` gives, for a text, the values that differ from a harmless one's."""

    def __init__(self, says: Callable[[str], Says] = lambda _text: {}) -> None:
        self.says = says
        self.asked: list[str] = []
        self.callers: list[str] = []
        self.error: Exception | None = None

    def score(self, texts: Sequence[Text], *, deadline_s: float, caller: str) -> ScoringAnswer:
        if self.error is not None:
            raise self.error
        self.callers.append(caller)
        self.asked += [one.text for one in texts]
        return ScoringAnswer(
            {"toxicity": "test@1", "spam": "test@2"}, tuple(_scored(self.says(one.text)) for one in texts)
        )


def take_place(app: Flask, scoring: FakeScoring) -> FakeScoring:
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], scoring=scoring)
    return scoring


def _scored(said: Says) -> ScoredText:
    if said == "too costly":
        return ScoredText((), too_costly=True)
    if isinstance(said, str):
        silent = [Signal(name, None, "test", said) for name in HARMLESS if name not in ("spam", "language.supported")]
        return ScoredText((*silent, Signal("spam", 0.05, "test"), Signal("language.supported", 0.0, "test")), "sw")
    return ScoredText(tuple(Signal(name, value, "test") for name, value in (HARMLESS | dict(said)).items()), "en")
