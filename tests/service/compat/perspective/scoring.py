"""A scoring process that knows English and answers as a test says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Flask

from moderation.ground.values.signals import Signal
from moderation.pipeline.drafts.drafts import ScoredSentence
from moderation.pipeline.drafts.messages import ScoredText, ScoringAnswer, Text
from service.context import EXTENSION

TOXICITY = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
PREFIX = "lang:"  # of the source of the language's signal
FOREIGN = {"Det": "sv", "Das": "de", "Ahoy": "ro"}  # the first word of a text, and its language


class FakeScoring:
    """A text is as toxic as the number at its end says."""

    def __init__(self) -> None:
        self.asked: list[Text] = []
        self.deadlines_s: list[float] = []
        self.callers: list[str] = []
        self.sizes: list[int] = []  # texts of each message
        self.error: Exception | None = None
        self.too_costly = False

    def score(self, texts: Sequence[Text], *, deadline_s: float, caller: str) -> ScoringAnswer:
        self.deadlines_s.append(deadline_s)
        self.callers.append(caller)
        self.sizes.append(len(texts))
        if self.error is not None:
            raise self.error
        self.asked += texts
        return ScoringAnswer({"toxicity": "test@1", "spam": "test@2"}, tuple(map(self._scored, texts)))

    def _scored(self, one: Text) -> ScoredText:
        if self.too_costly:
            return ScoredText((), too_costly=True)
        language = one.language or FOREIGN.get(one.text.split(" ", 1)[0], "en")
        seen = f"{language}+ro" if "Ahoy" in one.text and language != "ro" else language
        spam = Signal("spam", None, "test", "too short") if len(one.text) < 8 else Signal("spam", 0.25, "test")
        if language.partition("-")[0] not in ("en", "ro"):
            silent = [Signal(name, None, "test", f"language: {language}") for name in TOXICITY]
            return ScoredText((*silent, spam), language)
        found = [Signal(name, value, "test") for name, value in values(one.text).items()]
        topic = [Signal("relevance", 0.2, "test")] if one.article_text or one.parent_text else []
        level = Signal("language.supported", 0.5 if "Ahoy" in one.text or language == "ro" else 1.0, f"{PREFIX}{seen}")
        return ScoredText((*found, spam, *topic, level), language, sentences(one.text) if one.spans else ())


def values(text: str) -> Mapping[str, float]:
    numbers = re.findall(r"0\.\d+", text)
    first = float(numbers[-1]) if numbers else 0.1
    return {name: round(first / (1 + index), 6) for index, name in enumerate(TOXICITY)}


def sentences(text: str) -> tuple[ScoredSentence, ...]:
    return tuple(ScoredSentence(each.start(), each.end(), values(each[0])) for each in re.finditer(r"\S[^!]*!", text))


def take_place(app: Flask) -> FakeScoring:
    scoring = FakeScoring()
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], scoring=scoring)
    return scoring
